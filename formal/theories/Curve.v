(** * The check of a lower bound by transport

    The curve theta(t) is given by residues; the check recomputes the right side of its differential equation and compares.
    [transport_rank_sound]: what the check returns is a lower bound for the dimension of { V(theta0) : V in Lie(V) }.
    With no curve (K = 1) and no controls it is the rank of words at the point itself. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP Series Transport SeriesRank.
Import ListNotations.
Local Open Scope R_scope.

Definition control := list (list Q * nat).                (* coefficients of c(t), and the number of a field *)
Section Check.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (th : qvec) (fields : list qfield) (ctl : control) (curve : list (list Z)) (words : list (list nat)).
Let M := m_nparams m.
Let K := S (length curve).
(** residues of 1/k! *)
Fixpoint inverse_factorials (n k : nat) (z : Z) : list Z :=
  match n with
  | O => []
  | S n' => z :: inverse_factorials n' (S k) (Z.modulo (z * inverse p (fuel_of p) (Z.modulo (Z.of_nat (S k)) p)) p)
  end.
Definition facts : list Z := inverse_factorials K 0 1.
Let OT := opsT p K facts.
Definition curve_map : PM.t (list Z) :=
  let P := point_of (opsZ p) (qmod p) M th in
  vbuild M (fun i => getA (opsZ p) P i :: map (fun row => nth (pred (Pos.to_nat i)) row 0%Z) curve).
Let PZ := map (gconv (qmod p) mem) (m_prog m).
Definition control_vectors (gs : list (gfield Z)) : list (list Z * PM.t (list Z)) :=
  map (fun ci => (map (qmod p) (fst ci), gradvec OT PZ (nth (snd ci) gs zfield) curve_map)) ctl.
Definition rhs_at (cv : list (list Z * PM.t (list Z))) (i : positive) : list Z :=
  fold_right (fun cx acc => addT p (mulT p K (fst cx) (getA OT (snd cx) i)) acc) [] cv.
Definition check_curve (gs : list (gfield Z)) : bool :=
  let TH := curve_map in
  let cv := control_vectors gs in
  forallb (fun i =>
    let z := getA OT TH i in
    let f := rhs_at cv i in
    forallb (fun k => Z.eqb (Z.modulo (Z.of_nat (S k) * nth (S k) z 0%Z) p) (Z.modulo (nth k f 0%Z) p)) (seq 0 (length curve))) (plist M).
Definition units_upto (n : nat) : bool :=
  forallb (fun k => let z := Z.modulo (Z.of_nat k) p in is_inverse p z (inverse p (fuel_of p) z)) (seq 1 n).
Definition series_row (gs : list (gfield Z)) (w : list nat) : list (list Z) :=
  let v := wordvec M PZ (zword gs w) OT curve_map in map (getA OT v) (plist M).
Definition check_control : bool :=
  forallb (fun ci => Nat.ltb (snd ci) (length fields) && forallb (qgood p) (fst ci)) ctl.
(** the number of pivots, when all that is needed holds *)
Definition transport_rank : option nat :=
  if check_setup m mem p th fields && forallb (word_ok fields) words && check_control then
    match residue_fields m mem p bv (K + depth_of words) th fields with
    | Some gs =>
      if check_curve gs then
        let vs := selim p K (fuel_of p) (K + length words) 0 (map (series_row gs) words) in
        if units_upto (Nat.max (length curve) (total vs)) then Some (length vs) else None
      else None
    | None => None
    end
  else None.

Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Definition csr (cs : list Q) : series := fun n => Q2R (nth n cs 0%Q).
Lemma qmod_0 : (1 < p)%Z -> qmod p 0 = 0%Z.
Proof. intros Hp. change (Z.modulo 0 p = 0%Z). apply Z.mod_0_l. lia. Qed.
Lemma csr_rel n cs : (1 < p)%Z -> forallb (qgood p) cs = true -> srel p RS K n (csr cs) (map (qmod p) cs).
Proof.
  intros Hp H. assert (G : forall k, rep p RS (csr cs k) (nth k (map (qmod p) cs) 0%Z)).
  { intros k. assert (E0 : nth k (map (qmod p) cs) 0%Z = qmod p (nth k cs 0%Q)) by (rewrite <- (map_nth (qmod p)); now rewrite (qmod_0 Hp)).
    rewrite E0. unfold csr. destruct (nth_in_or_default k cs 0%Q) as [I|E].
    - apply qmod_ok. rewrite forallb_forall in H. now apply H.
    - rewrite E. now apply qmod_ok. }
  split; [|intros k _ _; apply G]. intros k _. eexists. apply G.
Qed.
Lemma units_ok n k : (1 < p)%Z -> units_upto n = true -> (1 <= k <= n)%nat ->
  ((Z.of_nat k * inverse p (fuel_of p) (Z.modulo (Z.of_nat k) p)) mod p = 1)%Z.
Proof.
  intros Hp H Hk. unfold units_upto in H. rewrite forallb_forall in H. specialize (H k ltac:(apply in_seq; lia)). cbv zeta in H.
  unfold is_inverse in H. apply Z.eqb_eq in H. rewrite Z.mul_mod_idemp_l in H by lia. exact H.
Qed.
Lemma inverse_step k z u : rep p RS (/ INR (fact k)) z -> ((Z.of_nat (S k) * u) mod p = 1)%Z -> rep p RS (/ INR (fact (S k))) ((z * u) mod p).
Proof.
  intros H Hu. change (fact (S k)) with (S k * fact k)%nat. rewrite mult_INR, Rinv_mult_distr, (Rmult_comm (/ INR (S k)))
    by (first [apply not_0_INR; lia|apply INR_fact_neq_0]).
  apply rep_mod, rep_times; [exact H|]. rewrite INR_IZR_INZ. apply (rep_inverse p RS _ (Z.of_nat (S k))); [apply rep_int|exact Hu].
Qed.
Lemma facts_ok N n : (1 < p)%Z -> units_upto N = true -> (length curve <= N)%nat -> (n <= N)%nat -> factorials p RS K facts n.
Proof.
  intros Hp HU HL Hn.
  assert (H0 : rep p RS (/ INR (fact 0)) 1) by (cbn; rewrite Rinv_1; apply (rep_int p RS 1)). split.
  - intros k Hk. unfold facts.
    assert (G : forall j i z, rep p RS (/ INR (fact i)) z -> (i + j <= S N)%nat -> forall k, (k < j)%nat ->
      rep p RS (/ INR (fact (i + k))) (nth k (inverse_factorials j i z) 0%Z)).
    { induction j as [|j IH]; intros i z Hz Hi l Hl; [lia|]. cbn [inverse_factorials]. destruct l as [|l]; cbn [nth]; [now rewrite Nat.add_0_r|].
      destruct j as [|j']; [lia|]. replace (i + S l)%nat with (S i + l)%nat by lia. apply IH; [|lia|lia].
      apply inverse_step; [exact Hz|]. apply (units_ok N); auto. lia. }
    apply (G K 0%nat 1%Z H0); [unfold K; lia|exact Hk].
  - induction k as [|k IH]; intros Hk; [now exists 1%Z|]. destruct IH as (z & Hz); [lia|]. eexists. apply (inverse_step k z); [exact Hz|].
    apply (units_ok N); auto. lia.
Qed.

(** one more coefficient of a solution of a differential equation *)
Lemma ode_step N n (c f : series) z y : (1 < p)%Z -> units_upto N = true -> (S n <= N)%nat -> sder c = f -> srel p RS K n f y -> srel p RS K n c z ->
  ((S n < K)%nat -> Z.modulo (Z.of_nat (S n) * nth (S n) z 0%Z) p = Z.modulo (nth n y 0%Z) p) -> srel p RS K (S n) c z.
Proof.
  intros Hp HU HN Ef [RI RZ] Hc HQ.
  assert (Hv := units_ok N (S n) Hp HU ltac:(lia)). set (v := inverse p (fuel_of p) (Z.of_nat (S n) mod p)%Z) in *.
  assert (Ec : c (S n) = f n * / INR (S n)).
  { rewrite <- Ef. unfold sder. field. apply not_0_INR. lia. }
  assert (Rv : rep p RS (/ INR (S n)) v).
  { rewrite INR_IZR_INZ. apply (rep_inverse p RS _ (Z.of_nat (S n))); [apply rep_int|exact Hv]. }
  split.
  - intros k Hk. destruct (Nat.eq_dec k (S n)) as [->|D]; [|apply Hc; lia].
    destruct (RI n (Nat.le_refl n)) as (y' & Hy). exists (y' * v)%Z. rewrite Ec. now apply rep_times.
  - intros k Hk Hl. destruct (Nat.eq_dec k (S n)) as [->|D]; [|apply Hc; lia].
    assert (Hy := RZ n (Nat.le_refl n) ltac:(lia)). assert (Q := HQ Hl).
    set (z' := nth (S n) z 0%Z) in *. set (y' := nth n y 0%Z) in *.
    rewrite Ec. apply (rep_cong p RS _ (y' * v) _ ((y' / p - Z.of_nat (S n) * z' / p) * v + Z.of_nat (S n) * v / p * z')); [now apply rep_times|].
    assert (A := Z_div_mod_eq_full y' p). assert (B := Z_div_mod_eq_full (Z.of_nat (S n) * z') p). assert (D := Z_div_mod_eq_full (Z.of_nat (S n) * v) p).
    rewrite Hv in D. rewrite Q in B.
    assert (F : (y' = Z.of_nat (S n) * z' + p * (y' / p - Z.of_nat (S n) * z' / p))%Z) by lia.
    assert (G : (y' * v = (Z.of_nat (S n) * v) * z' + p * (y' / p - Z.of_nat (S n) * z' / p) * v)%Z) by (rewrite F at 1; ring).
    set (e1 := (y' / p - Z.of_nat (S n) * z' / p)%Z) in *. set (e2 := (Z.of_nat (S n) * v / p)%Z) in *. clearbody e1 e2. rewrite G, D. ring.
Qed.
Section Sound.
Variable s : positive -> bool -> R -> R.
Hypothesis Hd : act_derivable s.
Hypothesis Hm : poly_acts s mem.
Hypothesis HS : check_setup m mem p th fields = true.
Hypothesis HC : check_control = true.
Variable gs : list (gfield Z).
Variable depth : nat.
Hypothesis HGS : residue_fields m mem p bv depth th fields = Some gs.
Hypothesis HK : check_curve gs = true.
Let PR := map (gconv Q2R mem) (m_prog m).
Let u := qv th.
Definition real_control : list (series * (positive -> pe)) :=
  map (fun ci => (csr (fst ci), gpe M PR (real_field (nth (snd ci) fields dfield)))) ctl.

Lemma control_fields ci : In ci ctl -> (snd ci < length fields)%nat /\ forallb (qgood p) (fst ci) = true.
Proof.
  intros Hi. unfold check_control in HC. rewrite forallb_forall in HC. specialize (HC ci Hi). apply andb_prop in HC as [A B].
  split; [|exact B]. now apply Nat.ltb_lt.
Qed.
Lemma real_control_lie c X : In (c, X) real_control -> lie m s (pfield X).
Proof.
  intros H. apply in_map_iff in H as (ci & E & Hi). injection E as <- <-.
  destruct (setup_facts m mem p th fields HS) as (Hp & W & HM & _ & _ & HF). destruct (control_fields ci Hi) as [A B].
  apply (gpe_lie m s mem Hd Hm W HM). apply (field_good_ok m p). apply HF. now apply nth_In.
Qed.

Lemma curve_exists : exists c : positive -> series, (forall i, (i <= M)%positive -> c i O = u i) /\ (forall i, (M < i)%positive -> c i = scst (u i)) /\
  forall i, (i <= M)%positive -> sder (c i) = rhs real_control c i.
Proof.
  destruct (ode_solution u (fun y i => if Pos.leb i M then rhs real_control y i else scst 0)) as (y & H0 & H).
  - intros y z n E i. destruct (Pos.leb i M); [|reflexivity]. unfold rhs. apply (asum_agree n); [|lia]. intros cX _.
    apply smul_agree; [intros k _; reflexivity|]. apply ev_agree. intros j k Hk. now apply E.
  - exists y. split; [auto|]. split.
    + intros i Hi. specialize (H i). destruct (Pos.leb_spec i M); [lia|]. apply seq_ext. intros [|n]; [apply H0|].
      apply (f_equal (fun f : series => f n)) in H. unfold sder in H. cbn [scst]. assert (Z : scst 0 n = 0) by (now destruct n). rewrite Z in H.
      apply Rmult_integral in H as [H|H]; [|exact H]. exfalso. revert H. apply not_0_INR. lia.
    + intros i Hi. rewrite H. apply Pos.leb_le in Hi. now rewrite Hi.
Qed.

Variable c : positive -> series.
Hypothesis c0 : forall i, (i <= M)%positive -> c i O = u i.
Hypothesis c_out : forall i, (M < i)%positive -> c i = scst (u i).
Hypothesis c_ode : forall i, (i <= M)%positive -> sder (c i) = rhs real_control c i.
Let CS : PM.t series := vbuild M c.
Lemma CS_point : at_point M opsS CS c.
Proof. intros k. unfold getA, CS. rewrite vbuild_find. now destruct (Pos.leb k M). Qed.
Lemma constant_S : constant_part opsS (fun a : series => a O).
Proof. split; cbn; intros; subst; auto. apply sfun_0. Qed.
Lemma curve_base k : getA opsS CS k O = getA opsR (point_of opsR Q2R M th) k.
Proof. rewrite (CS_point k), (point_real M th k). destruct (Pos.leb_spec k M); [now apply c0|reflexivity]. Qed.
Variable N : nat.
Hypothesis HU : units_upto N = true.
Hypothesis HL : (length curve <= N)%nat.
Hypothesis Hp1 : (1 < p)%Z.

Lemma rhs_rel n : (n <= N)%nat -> (forall i, (i <= M)%positive -> srel p RS K n (c i) (getA OT curve_map i)) ->
  forall i, srel p RS K n (rhs real_control c i) (rhs_at (control_vectors gs) i).
Proof.
  intros Hn IH i. destruct (setup_facts m mem p th fields HS) as (Hp & W & HM & HG & _ & HF).
  assert (OR := opsT_rel p Hp RS K facts n ltac:(unfold K; lia) (facts_ok N n Hp HU HL Hn)).
  assert (HW : wrel (srel p RS K n) opsS OT CS curve_map).
  { intros k. destruct (Pos.leb_spec k M) as [L|L].
    - assert (E : getA opsS CS k = c k) by (rewrite CS_point; apply Pos.leb_le in L; now rewrite L). rewrite E. now apply IH.
    - unfold getA, CS, curve_map. rewrite !vbuild_find. destruct (Pos.leb_spec k M); [lia|]. apply OR. }
  assert (CF := control_fields). revert CF. unfold rhs, rhs_at, real_control, control_vectors. generalize ctl. intros l CF.
  induction l as [|ci l IHl]; [apply OR|]. cbn [map fold_right].
  change (ssum (fun cX : series * (positive -> pe) => smul (fst cX) (ev opsS c (snd cX i))) (?h :: ?t)) with
    (sadd (smul (fst h) (ev opsS c (snd h i))) (ssum (fun cX : series * (positive -> pe) => smul (fst cX) (ev opsS c (snd cX i))) t)).
  apply (rel_add OR).
  - cbn [fst snd]. destruct (CF ci (or_introl eq_refl)) as [A B]. apply (rel_mul OR); [now apply csr_rel|].
    rewrite <- (grad_ev M PR opsS CS c _ i opsS_ok CS_point).
    destruct (nth_fits m mem p bv depth th fields RS Hbv HS gs HGS (snd ci) A) as [FR FJ].
    apply (mrel_wrel _ _ _ _ _ OR), (gradvec_rel _ _ _ _ _ OR); [now apply gconv_rel|exact FR|exact HW|].
    apply (jets_fits _ opsS (fun a : series => a O) _ _ _ _ _ constant_S curve_base); exact FJ.
  - apply IHl. intros ci' Hci. apply CF. simpl; auto.
Qed.

Lemma curve_rel n : (n <= N)%nat -> forall i, (i <= M)%positive -> srel p RS K n (c i) (getA OT curve_map i).
Proof.
  destruct (setup_facts m mem p th fields HS) as (Hp & W & HM & HG & Ht & HF).
  assert (E0 : forall i, (i <= M)%positive -> getA OT curve_map i = getA (opsZ p) (point_of (opsZ p) (qmod p) M th) i :: map (fun row => nth (pred
    (Pos.to_nat i)) row 0%Z) curve).
  { intros i Hi. unfold getA at 1, curve_map. rewrite vbuild_find. apply Pos.leb_le in Hi. now rewrite Hi. }
  induction n as [|n IH]; intros Hn i Hi.
  - assert (R0 : rep p RS (c i 0%nat) (nth 0 (getA OT curve_map i) 0%Z)).
    { rewrite E0 by exact Hi. cbn [nth]. rewrite c0 by exact Hi.
      assert (X : getA opsR (point_of opsR Q2R M th) i = u i) by (rewrite (point_real M th i); apply Pos.leb_le in Hi; now rewrite Hi).
      rewrite <- X. apply (point_rel _ _ _ _ _ _ _ (opsZ_rel p RS)). now apply qvec_good_ok. }
    split; intros k Hk; replace k with 0%nat by lia; [eexists; exact R0|intros _; exact R0].
  - assert (IHn : forall i, (i <= M)%positive -> srel p RS K n (c i) (getA OT curve_map i)) by (intros; apply IH; [lia|assumption]).
    apply (ode_step N n (c i) _ _ _ Hp HU ltac:(lia) (c_ode i Hi) (rhs_rel n ltac:(lia) IHn i) (IHn i Hi)). intros Hl.
    unfold check_curve in HK. cbv zeta in HK. rewrite forallb_forall in HK. assert (Q := HK i (proj2 (plist_in M i) Hi)). rewrite forallb_forall in Q.
    specialize (Q n ltac:(apply in_seq; unfold K in Hl; lia)). now apply Z.eqb_eq in Q.
Qed.
End Sound.

Theorem transport_rank_sound r : transport_rank = Some r -> forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) r.
Proof.
  unfold transport_rank. intros H s Hd Hm.
  destruct (check_setup m mem p th fields && forallb (word_ok fields) words && check_control) eqn:E; [|easy].
  apply andb_prop in E as [[HS HW]%andb_prop HC].
  destruct (residue_fields _ _ _ _ _ _ _) as [gs|] eqn:HGS; [|easy]. destruct (check_curve gs) eqn:HK; [|easy]. cbv zeta in H.
  set (vs := selim p K (fuel_of p) (K + length words) 0 (map (series_row gs) words)) in *.
  set (N := Nat.max (length curve) (total vs)) in *.
  destruct (units_upto N) eqn:HU; [|easy]. injection H as <-.
  destruct (setup_facts m mem p th fields HS) as (Hp & Wf & HM & HG & Ht & HF).
  destruct curve_exists as (c & c0 & c_out & c_ode).
  destruct (transport m s (qv th) real_control c (real_control_lie s Hd Hm HS HC) c0 c_out c_ode) as (module & A & B & C).
  destruct (selim_lindep p Hp RS K (plist M) N ltac:(unfold N, K; cbn; lia) (fuel_of p) (K + length words) (map (series_row gs) words) module) as (ps & L & G & I).
  - intros q a w _ Hq Hw. now apply B.
  - intros r Hr. apply in_map_iff in Hr as (w & <- & Hw). rewrite forallb_forall in HW. specialize (HW w Hw).
    exists (along c (wfield m mem fields w)). split; [apply A; now apply (wfield_lie m mem p th fields HS)|].
    assert (Rw := word_fits m mem p bv _ th fields RS Hbv HS gs HGS w HW). assert (LN : (length curve <= N)%nat) by (unfold N; lia).
    assert (OR := opsT_rel p Hp RS K facts N ltac:(unfold K; lia) (facts_ok N N Hp HU LN (Nat.le_refl N))).
    assert (CW : wrel (srel p RS K N) opsS OT (vbuild M c) curve_map).
    { intros k. destruct (Pos.leb_spec k M) as [Lk|Lk].
      - assert (X : getA opsS (vbuild M c) k = c k) by (rewrite (CS_point c k); apply Pos.leb_le in Lk; now rewrite Lk). rewrite X.
        now apply (curve_rel HS HC gs _ HGS HK c c0 c_ode N HU LN N).
      - unfold getA, curve_map. rewrite !vbuild_find. destruct (Pos.leb_spec k M); [lia|]. apply OR. }
    assert (Q := wordvec_rel (rep p RS) M _ _ _ _ _ (point_low m th) (gconv_rel p RS mem _ HM HG) Rw series (list Z) (srel p RS K N) opsS OT _ constant_S OR
      (vbuild M c) curve_map CW (curve_base c c0)).
    assert (QW := mrel_wrel _ _ _ _ _ OR _ _ Q). unfold srow, series_row. cbv zeta.
    assert (X : forall l, (forall i, In i l -> (i <= M)%positive) -> Forall2 (fun i z => srel p RS K N (along c (wfield m mem fields w) i) z) l
       (map (getA OT (wordvec M PZ (zword gs w) OT curve_map)) l)).
    { induction l as [|i l IH]; intros Hl; cbn [map]; constructor; [|apply IH; intros; apply Hl; simpl; auto].
      unfold along, wfield. rewrite <- (word_ev M _ _ series opsS (vbuild M c) c opsS_ok (CS_point c) i) by (apply Hl; simpl; auto). apply QW. }
    apply X. intros i Hi. now apply plist_in.
  - fold vs. unfold N. lia.
  - fold vs in L. rewrite <- L. apply C; assumption.
Qed.
End Check.
