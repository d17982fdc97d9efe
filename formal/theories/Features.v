(** * What the theorem of classifications asks about a function: proved for the named functions, read off the coefficients of a polynomial *)
From Coq Require Import String List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser ClassificationMeaning Meaning Scalar Proper Assumed Parities.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Polynomials with real coefficients *)
Definition rpoly (c : list R) (z : R) : R := fold_right (fun a r => a + z * r) 0 c.
Lemma rpoly_cons a c z : rpoly (a :: c) z = a + z * rpoly c z. Proof. reflexivity. Qed.
Lemma rpoly_bounded c : (exists B, forall z, 1 <= z -> Rabs (rpoly c z) <= B) -> exists a, forall z, rpoly c z = a.
Proof.
  induction c as [|a c IH]; intros [B H]; [exists 0; reflexivity|].
  destruct IH as [b Hb].
  { exists (B + Rabs a). intros z Hz. specialize (H z Hz). rewrite rpoly_cons in H.
    assert (P : Rabs (z * rpoly c z) <= B + Rabs a).
    { replace (z * rpoly c z) with ((a + z * rpoly c z) + - a) by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
    rewrite Rabs_mult in P. rewrite (Rabs_pos_eq z) in P by lra. assert (Q := Rabs_pos (rpoly c z)). nra. }
  assert (b = 0) as ->.
  { destruct (Req_dec b 0) as [E|N]; [exact E|]. exfalso. assert (Pb := Rabs_pos_lt b N). assert (B0 : 0 <= B) by (eapply Rle_trans; [apply Rabs_pos|apply (H 1); lra]).
    set (z := 1 + (B + Rabs a) / Rabs b). assert (Pa := Rabs_pos a).
    assert (Hz : 1 <= z). { unfold z. assert (0 <= (B + Rabs a) / Rabs b) by (apply Rdiv_le_0_compat; lra). lra. }
    specialize (H z Hz). rewrite rpoly_cons in H. rewrite Hb in H.
    assert (P : Rabs (z * b) <= B + Rabs a).
    { replace (z * b) with ((a + z * b) + - a) by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
    rewrite Rabs_mult, (Rabs_pos_eq z) in P by lra. unfold z in P.
    replace ((1 + (B + Rabs a) / Rabs b) * Rabs b) with (Rabs b + (B + Rabs a)) in P by (field; lra). lra. }
  exists a. intros z. rewrite rpoly_cons, Hb. ring.
Qed.
Lemma rpoly_continuous c z : continuous (rpoly c) z.
Proof.
  induction c as [|a c IH]; [apply continuous_const|].
  apply (continuous_plus (fun _ => a) (fun z => z * rpoly c z)); [apply continuous_const|]. apply (continuous_mult (fun z => z) (rpoly c)); [apply continuous_id|exact IH].
Qed.
Lemma rpoly_zero c : (forall z, rpoly c z = 0) -> forall a, In a c -> a = 0.
Proof.
  induction c as [|a c IH]; intros H b; [easy|].
  assert (a = 0). { specialize (H 0). cbn in H. lra. } subst a.
  intros [<-|Hb]; [reflexivity|]. apply IH; [|exact Hb].
  assert (N : forall z, z <> 0 -> rpoly c z = 0). { intros z Hz. specialize (H z). rewrite rpoly_cons in H. apply (Rmult_eq_reg_l z); [lra|exact Hz]. }
  intros z. destruct (Req_dec z 0) as [->|Hz]; [|now apply N].
  destruct (Req_dec (rpoly c 0) 0) as [E|D]; [exact E|]. exfalso.
  destruct (rpoly_continuous c 0 (fun y => Rabs y > 0)) as [eps He].
  { exists (mkposreal _ (Rabs_pos_lt _ D)). intros y Hy. unfold ball in Hy. cbn in Hy. unfold AbsRing_ball, abs, minus, plus, opp in Hy. cbn in Hy.
    destruct (Req_dec y 0) as [->|Ny]; [|now apply Rabs_pos_lt]. rewrite Rplus_0_l, Rabs_Ropp in Hy. lra. }
  specialize (He (eps / 2)). assert (P := cond_pos eps). rewrite N in He by lra. rewrite Rabs_R0 in He. apply Rlt_irrefl with 0. apply He.
  unfold ball. cbn. unfold AbsRing_ball, abs, minus, plus, opp. cbn. rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq; lra.
Qed.
Fixpoint rslope (c : list R) (k : R) : list R := match c with [] => [] | a :: c' => k * a :: rslope c' (k + 1) end.
Definition rpderiv (c : list R) : list R := match c with [] => [] | _ :: c' => rslope c' 1 end.
Fixpoint rminus (c d : list R) : list R :=
  match c, d with a :: c', b :: d' => a - b :: rminus c' d' | [], d => map Ropp d | c, [] => c end.
Lemma rminus_ok c : forall d z, rpoly (rminus c d) z = rpoly c z - rpoly d z.
Proof.
  induction c as [|a c IH]; intros d z.
  - cbn [rminus]. induction d as [|b d IHd]; [cbn; ring|]. cbn [map]. rewrite !rpoly_cons. cbn [rpoly fold_right] in *. change (fold_right _ 0 (map Ropp d)) with (rpoly (map Ropp d) z) in *.
    change (fold_right _ 0 d) with (rpoly d z) in *. rewrite IHd. ring.
  - destruct d as [|b d]; [cbn; ring|]. cbn [rminus]. rewrite !rpoly_cons, IH. ring.
Qed.
Lemma rslope_ok c : forall k z, rpoly (rslope c (k + 1)) z = rpoly (rslope c k) z + rpoly c z.
Proof.
  induction c as [|a c IH]; intros k z; [cbn; ring|]. cbn [rslope]. rewrite !rpoly_cons, IH. ring.
Qed.
Lemma rpoly_derive c z : is_derive (rpoly c) z (rpoly (rpderiv c) z).
Proof.
  induction c as [|a c IH]; [apply @is_derive_const|].
  apply (is_derive_ext (fun z => plus a (mult z (rpoly c z)))); [reflexivity|].
  replace (rpoly (rpderiv (a :: c)) z) with (plus 0 (plus (mult 1 (rpoly c z)) (mult z (rpoly (rpderiv c) z)))).
  - apply @is_derive_plus; [apply @is_derive_const|]. apply (is_derive_mult (fun z => z) (rpoly c)); [apply @is_derive_id|exact IH|apply Rmult_comm].
  - unfold plus, mult; cbn. cbn [rpderiv]. destruct c as [|b c]; [cbn; ring|]. cbn [rpderiv rslope]. change (fold_right _ 0 _) with (rpoly (1 * b :: rslope c (1 + 1)) z). rewrite !rpoly_cons, rslope_ok. ring.
Qed.

(** ** From few facts to all *)
Definition affine (g : R -> R) : Prop := exists a b, forall z, g z = a + b * z.
Definition is_rpoly (g : R -> R) : Prop := exists c, forall z, g z = rpoly c z.
Lemma affine_rpoly g : affine g -> is_rpoly g.
Proof. intros (a & b & H). exists [a; b]. intros z. rewrite H. cbn. ring. Qed.
Lemma even_slope g d : is_derive g 0 d -> (forall z, g (- z) = g z) -> d = 0.
Proof.
  intros H E. assert (K : is_derive (fun u => g (- u)) 0 (- d)).
  { replace (- d) with (scal (-1) d) by (unfold scal; simpl; unfold mult; simpl; ring).
    apply (is_derive_comp g (fun u => - u)); [now rewrite Ropp_0|]. auto_derive; [exact I|ring]. }
  apply (is_derive_ext _ g) in K; [|exact E]. apply is_derive_unique in K. apply is_derive_unique in H. lra.
Qed.
Lemma odd_zero g : (forall z, g (- z) = - g z) -> g 0 = 0.
Proof. intros H. specialize (H 0). rewrite Ropp_0 in H. lra. Qed.
Definition feature (a b c d : bool) : features := {| at0 := a; slope0 := b; is_odd := c; is_even := d |}.
(** σ'(0) ≠ 0: whether σ(0) = 0 and whether σ is odd *)
Lemma features_slope g d z o : is_derive g 0 d -> d <> 0 -> (z = true <-> g 0 = 0) -> (o = true <-> forall t, g (- t) = - g t) -> ~ affine g ->
  has_features (feature z false o false) g.
Proof.
  intros H D Z O A. unfold has_features; cbn [at0 slope0 is_odd is_even feature]. rewrite (is_derive_unique _ _ _ H).
  split; [now exists d|]. split; [exact Z|]. split; [split; [discriminate|intros; contradiction]|]. split; [exact O|].
  split; [split; [discriminate|intros E; exfalso; apply D; now apply (even_slope g)]|]. split; [exact A|now left].
Qed.
Lemma features_plain g d : is_derive g 0 d -> d <> 0 -> g 0 <> 0 -> ~ affine g -> has_features (feature false false false false) g.
Proof. intros. eapply features_slope; eauto; split; try discriminate; try contradiction. intros O. apply odd_zero in O. contradiction. Qed.
Lemma features_odd g d : is_derive g 0 d -> d <> 0 -> (forall t, g (- t) = - g t) -> ~ affine g -> has_features (feature true false true false) g.
Proof. intros H D O A. eapply features_slope; eauto; split; auto. intros _. now apply odd_zero. Qed.
Lemma features_even g d z : is_derive g 0 d -> (forall t, g (- t) = g t) -> (z = true <-> g 0 = 0) -> ~ is_rpoly g -> has_features (feature z true false true) g.
Proof.
  intros H E Z N. unfold has_features; cbn [at0 slope0 is_odd is_even feature]. assert (D := even_slope g d H E). subst d. rewrite (is_derive_unique _ _ _ H).
  assert (A : ~ affine g) by (intros A; now apply N, affine_rpoly).
  split; [now exists 0|]. split; [exact Z|]. split; [split; reflexivity|]. split; [split; [discriminate|]|split; [split; auto|split; [exact A|now right]]].
  intros O. exfalso. apply A. exists 0, 0. intros t. specialize (O t). specialize (E t). lra.
Qed.
Lemma bounded_affine g B : (forall z, Rabs (g z) <= B) -> affine g -> forall z, g z = g 0.
Proof.
  intros H (a & b & E) z. destruct (rpoly_bounded [a; b]) as [k Hk].
  { exists B. intros t _. specialize (H t). rewrite E in H. cbn. replace (a + t * (b + t * 0)) with (a + b * t) by ring. exact H. }
  assert (K1 := Hk z). assert (K2 := Hk 0). cbn in K1, K2. rewrite !E. nra.
Qed.
Lemma bounded_rpoly g B : (forall z, 1 <= z -> Rabs (g z) <= B) -> is_rpoly g -> forall z, g z = g 0.
Proof.
  intros H (c & E) z. destruct (rpoly_bounded c) as [k Hk]; [exists B; intros t Ht; rewrite <- E; now apply H|]. now rewrite !E, !Hk.
Qed.

(** ** The named functions *)
Lemma exp_1_gt : 1 < exp 1. Proof. rewrite <- exp_0 at 1. apply exp_increasing. lra. Qed.
Lemma exp_not_affine k : ~ affine (fun z => exp z - k).
Proof.
  intros (a & b & H). assert (H0 := H 0). assert (H1 := H 1). assert (H2 := H 2). cbv beta in *. rewrite exp_0 in H0.
  replace 2 with (1 + 1) in H2 at 1 by ring. rewrite exp_plus in H2. assert (P := exp_1_gt). nra.
Qed.
Lemma tanh_bound z : Rabs (tanh z) <= 1.
Proof.
  unfold tanh, sinh, cosh. assert (P := exp_pos z). assert (Q := exp_pos (- z)).
  replace ((exp z - exp (- z)) / 2 / ((exp z + exp (- z)) / 2)) with ((exp z - exp (- z)) / (exp z + exp (- z))) by (field; lra).
  apply Rabs_le. split; [apply (Rmult_le_reg_r (exp z + exp (- z)))|apply (Rmult_le_reg_r (exp z + exp (- z)))]; try lra; unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra.
Qed.
Lemma sinh_1 : sinh 1 <> 0.
Proof. unfold sinh. assert (exp (- (1)) < exp 1) by (apply exp_increasing; lra). lra. Qed.
Lemma tanh_features : has_features (feature true false true false) tanh.
Proof.
  apply (features_odd _ 1); [|lra|exact tanh_odd|].
  - unfold tanh, sinh, cosh. auto_derive; rewrite ?Ropp_0, ?exp_0; [repeat split; lra|]. field.
  - intros A. assert (E := bounded_affine tanh 1 tanh_bound A 1). assert (P := sinh_1).
    assert (Z : tanh 0 = 0) by (apply odd_zero, tanh_odd). rewrite Z in E. unfold tanh, Rdiv in E.
    assert (C : 0 < cosh 1) by (unfold cosh; assert (X := exp_pos 1); assert (Y := exp_pos (- (1))); lra). apply P.
    apply (Rmult_eq_reg_r (/ cosh 1)); [rewrite E; ring|]. apply Rgt_not_eq, Rinv_0_lt_compat. exact C.
Qed.
Lemma sin_features : has_features (feature true false true false) sin.
Proof.
  apply (features_odd _ 1); [|lra|exact sin_neg|].
  - auto_derive; [exact I|]. rewrite cos_0. ring.
  - intros (a & b & H). assert (H0 := H 0). assert (H1 := H PI). assert (H2 := H (PI / 2)). rewrite sin_0 in H0. rewrite sin_PI in H1. rewrite sin_PI2 in H2.
    assert (P := PI_RGT_0). nra.
Qed.
Lemma sinh_neg z : sinh (- z) = - sinh z.
Proof. unfold sinh. rewrite Ropp_involutive. field. Qed.
Lemma sinh_features : has_features (feature true false true false) sinh.
Proof.
  apply (features_odd _ 1); [|lra|exact sinh_neg|].
  - unfold sinh. auto_derive; [exact I|]. rewrite Ropp_0, exp_0. field.
  - intros (a & b & H). assert (H0 := H 0). assert (H1 := H 1). assert (H2 := H 2). unfold sinh in *. rewrite Ropp_0, exp_0 in H0.
    replace (exp 2) with (exp 1 * exp 1) in H2 by (rewrite <- exp_plus; f_equal; ring). replace (exp (- (2))) with (exp (- (1)) * exp (- (1))) in H2
      by (rewrite <- exp_plus; f_equal; ring).
    assert (E : exp (- (1)) * exp 1 = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (P := exp_1_gt).
    set (u := exp 1) in *. set (v := exp (- (1))) in *. assert (0 < v) by apply exp_pos.
    assert ((u - v) * (u + v - 2) = 0) by nra. assert (v < 1) by nra.
    assert (u + v - 2 = 0) by (destruct (Rmult_integral _ _ H4); lra). assert ((u - 1) * (u - 1) = 0) by nra. nra.
Qed.
Lemma atan_features : has_features (feature true false true false) atan.
Proof.
  apply (features_odd _ 1); [|lra|exact atan_opp|].
  - auto_derive; [exact I|]. field.
  - intros A. assert (B : forall z, Rabs (atan z) <= PI / 2) by (intros z; assert (X := atan_bound z); apply Rabs_le; lra).
    assert (E := bounded_affine atan _ B A 1). rewrite atan_0, atan_1 in E. assert (P := PI_RGT_0). lra.
Qed.
Lemma exp_features : has_features (feature false false false false) exp.
Proof.
  apply (features_plain _ 1); [|lra|rewrite exp_0; lra|].
  - auto_derive; [exact I|]. rewrite exp_0. ring.
  - intros (a & b & H). apply (exp_not_affine 0). exists a, b. intros z. rewrite H. ring.
Qed.
Lemma sigmoid_features : has_features (feature false false false false) (fun t => / (1 + exp (- t))).
Proof.
  apply (features_plain _ (1 / 4)); [|lra| |].
  - auto_derive; rewrite ?Ropp_0, ?exp_0; [lra|field].
  - rewrite Ropp_0, exp_0. lra.
  - intros A. assert (B : forall z, Rabs (/ (1 + exp (- z))) <= 1).
    { intros z. assert (P := exp_pos (- z)). rewrite Rabs_pos_eq by (left; apply Rinv_0_lt_compat; lra). rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
    assert (E := bounded_affine _ _ B A (-1)). cbv beta in E. apply (f_equal Rinv) in E. rewrite !Rinv_involutive in E
      by (match goal with |- 1 + exp ?u <> 0 => assert (P := exp_pos u) end; lra).
    rewrite Ropp_0, exp_0 in E. replace (- -1) with 1 in E by ring. assert (P := exp_1_gt). lra.
Qed.
Lemma expm1_features : has_features (feature true false false false) (fun t => exp t - 1).
Proof.
  apply (features_slope _ 1); [|lra| | |apply exp_not_affine].
  - auto_derive; [exact I|]. rewrite exp_0. ring.
  - split; [intros _; cbv beta; rewrite exp_0; lra|auto].
  - split; [discriminate|]. intros O. specialize (O 1). cbv beta in O. exfalso.
    assert (E : exp (- (1)) * exp 1 = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (P := exp_1_gt). nra.
Qed.
Lemma silu_features : has_features (feature true false false false) (fun t => t / (1 + exp (- t))).
Proof.
  assert (P := exp_1_gt). assert (E : exp (- (1)) * exp 1 = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (Q := exp_pos (- (1))).
  apply (features_slope _ (1 / 2)); [|lra| | |].
  - auto_derive; rewrite ?Ropp_0, ?exp_0; [lra|field].
  - split; [intros _|auto]. cbv beta; unfold Rdiv; apply Rmult_0_l.
  - split; [discriminate|]. intros O. specialize (O 1). cbv beta in O. exfalso. rewrite Ropp_involutive in O.
    assert (X : (1 + exp 1) * (1 + exp (- (1))) <> 0) by nra.
    apply (f_equal (fun v => v * ((1 + exp 1) * (1 + exp (- (1)))))) in O. field_simplify in O; [nra|lra|lra].
  - intros (a & b & H). assert (H0 := H 0). assert (H1 := H 1). assert (H2 := H (-1)). cbv beta in *.
    unfold Rdiv in H0. rewrite Rmult_0_l in H0. replace (- -1) with 1 in H2 by ring.
    assert (K1 : 1 = b * (1 + exp (- (1)))). { apply (f_equal (fun v => v * (1 + exp (- (1))))) in H1. field_simplify in H1; [nra|lra]. }
    assert (K2 : 1 = b * (1 + exp 1)). { apply (f_equal (fun v => v * (1 + exp 1))) in H2. field_simplify in H2; [nra|lra]. }
    assert (b <> 0) by nra. assert (exp 1 = exp (- (1))) by nra. nra.
Qed.
Lemma softplus_features : has_features (feature false false false false) (fun t => ln (1 + exp t)).
Proof.
  assert (P := exp_1_gt). assert (L : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  apply (features_plain _ (1 / 2)); [|lra| |].
  - auto_derive; rewrite ?exp_0; [lra|field].
  - rewrite exp_0. replace (1 + 1) with 2 by ring. lra.
  - intros (a & b & H). assert (H0 := H 0). assert (H1 := H 1). assert (H2 := H (-1)). cbv beta in *. rewrite exp_0 in H0.
    assert (E : exp (-1) * exp 1 = 1) by (rewrite <- exp_plus; replace (-1 + 1) with 0 by ring; apply exp_0). assert (Q := exp_pos (-1)).
    assert (S : ln (1 + exp 1) + ln (1 + exp (-1)) = ln ((1 + 1) * (1 + 1))) by (rewrite ln_mult by lra; lra).
    rewrite <- ln_mult in S by lra. apply ln_inv in S; nra.
Qed.
Lemma cos_features : has_features (feature false true false true) cos.
Proof.
  apply (features_even _ 0); [|exact cos_neg| |].
  - auto_derive; [exact I|]. rewrite sin_0. ring.
  - rewrite cos_0. split; [discriminate|lra].
  - intros N. assert (B : forall z, 1 <= z -> Rabs (cos z) <= 1) by (intros z _; assert (X := COS_bound z); apply Rabs_le; lra).
    assert (E := bounded_rpoly _ _ B N PI). rewrite cos_PI, cos_0 in E. lra.
Qed.
Lemma gaussian_features : has_features (feature false true false true) (fun t => exp (- (t * t))).
Proof.
  apply (features_even _ 0).
  - auto_derive; [exact I|]. ring.
  - intros t. f_equal. ring.
  - rewrite Rmult_0_l, Ropp_0, exp_0. split; [discriminate|lra].
  - intros N. assert (B : forall z, 1 <= z -> Rabs (exp (- (z * z))) <= 1).
    { intros z Hz. rewrite Rabs_pos_eq by (left; apply exp_pos). rewrite <- exp_0. left. apply exp_increasing. nra. }
    assert (E := bounded_rpoly _ _ B N 1). cbv beta in E. apply exp_inv in E. lra.
Qed.
Lemma cosh_features : has_features (feature false true false true) cosh.
Proof.
  assert (D : forall z, is_derive cosh z (sinh z)) by (intros z; unfold cosh, sinh; auto_derive; [exact I|field]).
  apply (features_even _ 0).
  - specialize (D 0). now rewrite sinh_0 in D.
  - intros t. unfold cosh. rewrite Ropp_involutive. lra.
  - unfold cosh. rewrite Ropp_0, exp_0. split; [discriminate|lra].
  - intros [c Hc]. assert (S : forall z, sinh z = rpoly (rpderiv c) z).
    { intros z. rewrite <- (is_derive_unique _ _ _ (D z)). rewrite (Derive_ext _ (rpoly c)) by exact Hc. apply is_derive_unique, rpoly_derive. }
    assert (E : forall z, exp (- z) = rpoly (rminus c (rpderiv c)) z) by (intros z; rewrite rminus_ok, <- Hc, <- S; unfold cosh, sinh; field).
    assert (B : forall z, 1 <= z -> Rabs (exp (- z)) <= 1).
    { intros z Hz. rewrite Rabs_pos_eq by (left; apply exp_pos). rewrite <- exp_0. left. apply exp_increasing. lra. }
    assert (K := bounded_rpoly (fun z => exp (- z)) _ B (ex_intro _ _ E) 1). cbv beta in K. apply exp_inv in K. lra.
Qed.
Lemma logcosh_features : has_features (feature true true false true) (fun t => ln (cosh t)).
Proof.
  assert (C1 : forall t, 1 <= cosh t).
  { intros t. unfold cosh. assert (E : exp (- t) * exp t = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (P := exp_pos t). assert (Q := exp_pos (- t)).
    assert (0 <= (exp t - exp (- t)) * (exp t - exp (- t))) by apply Rle_0_sqr. nra. }
  assert (C0 : cosh 0 = 1) by (unfold cosh; rewrite Ropp_0, exp_0; field).
  apply (features_even _ 0).
  - unfold cosh. auto_derive; rewrite ?Ropp_0, ?exp_0; [lra|field].
  - intros t. f_equal. unfold cosh. rewrite Ropp_involutive. lra.
  - rewrite C0, ln_1. tauto.
  - intros [c Hc]. assert (B : forall z, 1 <= z -> Rabs (rpoly c z) <= z).
    { intros z Hz. rewrite <- Hc. specialize (C1 z). rewrite Rabs_pos_eq by (rewrite <- ln_1; apply ln_le; lra).
      rewrite <- (ln_exp z) at 2. apply ln_le; [lra|]. unfold cosh. assert (exp (- z) < exp z) by (apply exp_increasing; lra). lra. }
    destruct c as [|a c].
    + specialize (Hc 1). cbn in Hc. rewrite <- ln_1 in Hc. apply ln_inv in Hc; [|apply Rlt_le_trans with 1; [lra|apply C1]|lra].
      unfold cosh in Hc. assert (E : exp (- (1)) * exp 1 = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (P := exp_1_gt). nra.
    + destruct (rpoly_bounded c) as [b Hb].
      { exists (1 + Rabs a). intros z Hz. specialize (B z Hz). rewrite rpoly_cons in B.
        assert (P : Rabs (z * rpoly c z) <= z + Rabs a).
        { replace (z * rpoly c z) with ((a + z * rpoly c z) + - a) by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
        rewrite Rabs_mult, (Rabs_pos_eq z) in P by lra. assert (X := Rabs_pos a). assert (Y := Rabs_pos (rpoly c z)). nra. }
      assert (G : forall z, ln (cosh z) = a + z * b) by (intros z; now rewrite Hc, rpoly_cons, Hb).
      assert (G0 := G 0). rewrite C0, ln_1 in G0. assert (G1 := G 1). assert (G2 := G (-1)).
      assert (S : cosh (-1) = cosh 1) by (replace (-1) with (- (1)) by ring; apply cosh_even). rewrite S in G2.
      assert (Z : ln (cosh 1) = ln 1) by (rewrite ln_1; lra). apply ln_inv in Z; [|apply Rlt_le_trans with 1; [lra|apply C1]|lra].
      unfold cosh in Z. assert (E : exp (- (1)) * exp 1 = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0). assert (P := exp_1_gt). nra.
Qed.

(** ** Polynomials of degree at least 2 with σ'(0) ≠ 0 *)
Lemma polynomial_rpoly c z : polynomial c z = rpoly (map Q2R c) z.
Proof. induction c as [|a c IH]; cbn [polynomial map]; [reflexivity|]. now rewrite rpoly_cons, IH. Qed.
Fixpoint evens (c : list Q) (here : bool) : list R := match c with [] => [] | a :: c' => (if here then Q2R a else 0) :: evens c' (negb here) end.
Lemma evens_ok c : forall z, rpoly (evens c true) z = (polynomial c z + polynomial c (- z)) / 2 /\ rpoly (evens c false) z = (polynomial c z - polynomial c (- z)) / 2.
Proof.
  induction c as [|a c IH]; intros z; [cbn; split; field|]. cbn [evens negb polynomial]. rewrite !rpoly_cons. destruct (IH z) as [-> ->]. split; field.
Qed.
Lemma every_other_evens c : forall here, (forall a, In a (evens c here) -> a = 0) -> every_other c here = true.
Proof.
  induction c as [|q c IH]; intros here H; cbn [every_other]; [reflexivity|]. rewrite IH, andb_true_r by (intros a Ha; apply H; now right).
  destruct here; [|reflexivity]. cbn [negb orb]. destruct (qzero q) eqn:E; [reflexivity|]. exfalso. apply (qzero_false q E). apply H. now left.
Qed.
Definition polynomial_features (c : list Q) : features := feature (qzero (at_ c 0%N 0%Q)) false (every_other c true) false.
Definition polynomial_in_table (c : list Q) : bool := negb (qzero (at_ c 1%N 0%Q)) && existsb (fun q => negb (qzero q)) (skipn 2 c).
Lemma polynomial_features_ok c : polynomial_in_table c = true -> has_features (polynomial_features c) (polynomial c).
Proof.
  unfold polynomial_in_table. intros H. apply andb_prop in H as [H1 H2]. apply negb_true_iff, qzero_false in H1. rewrite <- polynomial_slope in H1.
  apply (features_slope _ (Derive (polynomial c) 0)).
  - apply Derive_correct, polynomial_derive.
  - exact H1.
  - rewrite polynomial_0. split; [apply qzero_ok|]. intros E. destruct (qzero (at_ c 0%N 0%Q)) eqn:Z; [reflexivity|]. now apply qzero_false in Z.
  - split; [intros E t; now apply polynomial_parity|]. intros O. apply every_other_evens. intros a Ha. apply (rpoly_zero (evens c true)); [|exact Ha].
    intros z. destruct (evens_ok c z) as [-> _]. rewrite O. field.
  - intros (a & b & A). apply existsb_exists in H2 as (q & Hq & N). apply negb_true_iff, qzero_false in N. apply N.
    apply (rpoly_zero (rminus (map Q2R c) [a; b])).
    + intros z. rewrite rminus_ok, <- polynomial_rpoly, A. cbn. ring.
    + destruct c as [|c0 [|c1 c]]; cbn in Hq; [easy|easy|]. cbn [map rminus]. right. right.
      destruct c as [|c2 c]; [easy|]. apply (in_map Q2R) in Hq. exact Hq.
Qed.

(** the functions of the table, with what holds for them *)
Definition named_features : list (string * features) :=
  [("tanh", feature true false true false); ("sin", feature true false true false); ("sinh", feature true false true false);
   ("arctan", feature true false true false); ("cos", feature false true false true); ("cosh", feature false true false true);
   ("gaussian", feature false true false true); ("logcosh", feature true true false true); ("silu", feature true false false false);
   ("expm1", feature true false false false); ("exp", feature false false false false); ("sigmoid", feature false false false false);
   ("softplus", feature false false false false)]%string.
(** [None]: not in the table, or not known here *)
Definition definition_features (d : definition) : option features :=
  match d with
  | Class c => Some (class_features c)
  | Polynomial c => if polynomial_in_table c then Some (polynomial_features c) else None
  | Piecewise _ _ => None
  | Named n => find n (map (fun e => (txt (fst e), snd e)) named_features)
  end.
Lemma named_features_ok n t : find n (map (fun e => (txt (fst e), snd e)) named_features) = Some t ->
  exists g, function_of (Named n) = Some g /\ has_features t g.
Proof.
  intros H. apply find_in in H. apply in_map_iff in H as ([s t'] & E & H). cbn [fst snd] in E. injection E as <- <-.
  unfold named_features in H. cbn [In] in H.
  repeat (destruct H as [E|H]; [injection E as <- <-|]); [..|destruct H].
  all: eexists; split; [reflexivity|].
  - exact tanh_features.
  - exact sin_features.
  - exact sinh_features.
  - exact atan_features.
  - exact cos_features.
  - exact cosh_features.
  - exact gaussian_features.
  - exact logcosh_features.
  - exact silu_features.
  - exact expm1_features.
  - exact exp_features.
  - exact sigmoid_features.
  - exact softplus_features.
Qed.
(** a class: what its facts say *)
Lemma class_respects c g : (forall h, In h (class_facts c) -> fact_holds g h) -> (forall t, ex_derive g t) -> respects (class_features c) g.
Proof.
  intros H D. assert (K : forall h, In h (class_facts c) -> fact_holds g h) by exact H. clear H.
  destruct c; unfold respects; cbn [class_features at0 slope0 is_odd is_even class_facts] in *; repeat split; try discriminate; intros _.
  - apply odd_zero. exact (K Odd (or_introl eq_refl)).
  - exact (K Odd (or_introl eq_refl)).
  - apply (even_slope g); [apply Derive_correct, D|]. exact (K Even (or_introl eq_refl)).
  - exact (K Even (or_introl eq_refl)).
  - exact (K Zero (or_introl eq_refl)).
  - exact (K Flat (or_introl eq_refl)).
Qed.
