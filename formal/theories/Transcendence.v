(** * The numbers e^(b/N), for different Gaussian integers b, are linearly independent over the Gaussian integers

    Hermite's proof, with neither integrals nor primes: g(z) = z^(p-1) (z-b_1)^p … (z-b_n)^p, S = sum N^(j+1) g^(j), so that the derivative
    of e^(-z/N) S(z) is -e^(-z/N) g(z): e^(b/N) S(0) is close to S(b). S(b_i)/p! is a Gaussian integer, S(0)/(p-1)! is one modulo p that is
    not 0, provided that p is coprime to N and to the norms of the b_i. So e^(1/N) is transcendental, and with e^(i/N) algebraically independent. *)
From Coq Require Import List ZArith Znumtheory Zpow_facts Reals Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Gaussian.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope C_scope.
Local Arguments Cmod _%C.

Section Hermite.
Variable N : positive.
Let nu : C := RtoC (IZR (Zpos N)).
Lemma nu_gauss : gauss nu.
Proof. apply gauss_z. Qed.
Lemma nu_neq0 : nu <> 0.
Proof. intros H. apply RtoC_inj in H. apply eq_IZR in H. lia. Qed.

(** ** S: the sum of N^(j+1) times the j-th derivative *)
Fixpoint her (n : nat) (l : list C) (z : C) : C := match n with O => 0 | S n' => nu * (ev l z + her n' (deriv l) z) end.
Arguments her _ _ _%C.
Lemma her_step n : forall l z, (length l <= n)%nat -> her (S n) l z = her n l z.
Proof.
  induction n as [|n IH]; intros l z H.
  - destruct l; [|cbn in H; lia]. cbn [her ev deriv]. ring.
  - change (her (S (S n)) l z) with (nu * (ev l z + her (S n) (deriv l) z)). rewrite IH by (rewrite deriv_length; lia). reflexivity.
Qed.
Lemma her_fuel n n' l z : (length l <= n)%nat -> (n <= n')%nat -> her n' l z = her n l z.
Proof. intros H K. induction K as [|n' K IH]; [reflexivity|]. rewrite her_step by lia. exact IH. Qed.
Lemma her_derive n : forall l a c s, cder (fun t => her n l (a + RtoC t * c)) s (c * her n (deriv l) (a + RtoC s * c)).
Proof.
  induction n as [|n IH]; intros l a c s; cbn [her].
  - replace (c * 0) with (RtoC 0) by ring. apply cder_const.
  - assert (K := cder_scale nu _ _ _ (cder_plus _ _ s _ _ (ev_derive l a c s) (IH (deriv l) a c s))).
    match type of K with cder _ _ ?x => match goal with |- cder _ _ ?y => replace y with x by ring end end. exact K.
Qed.
Lemma deriv_shift l l' b : (forall z, ev l' z = ev l (z + b)) -> forall z, ev (deriv l') z = ev (deriv l) (z + b).
Proof.
  intros H z. assert (K := ev_derive l' z 1 0). assert (K' := ev_derive l (z + b) 1 0).
  assert (X : forall t, ev l' (z + RtoC t * 1) = ev l (z + b + RtoC t * 1)) by (intros t; rewrite H; f_equal; ring).
  assert (E := cder_unique _ _ _ _ (cder_ext _ _ _ _ X K) K').
  replace (z + 0 * 1) with z in E by ring. replace (z + b + 0 * 1) with (z + b) in E by ring. rewrite !Cmult_1_l in E. exact E.
Qed.
Lemma her_shift n : forall l l' b, (forall z, ev l' z = ev l (z + b)) -> forall z, her n l' z = her n l (z + b).
Proof. induction n as [|n IH]; intros l l' b H z; cbn [her]; [reflexivity|]. now rewrite H, (IH _ _ b (deriv_shift l l' b H)). Qed.

Definition weight (b : C) : R := (Cmod (cexp (b / nu)) * (2 * (Cmod b * exp (Cmod b))))%R.
Lemma hermite_bound n l b B : (length l <= n)%nat -> (forall s, (0 <= s <= 1)%R -> (Cmod (ev l (RtoC s * b)) <= B)%R) ->
  (Cmod (her n l b - cexp (b / nu) * her n l 0)%C <= weight b * B)%R.
Proof.
  intros Hn HB. set (dt := - (b / nu)). assert (Hd : dt * nu = - b) by (unfold dt; field; apply nu_neq0).
  assert (D : forall s, cder (fun t => cexp (RtoC t * dt) * her n l (0 + RtoC t * b)) s (- b * cexp (RtoC s * dt) * ev l (RtoC s * b))).
  { intros s. assert (K := cder_mult _ _ s _ _ (cexp_derive dt s) (her_derive n l 0 b s)). cbv beta in K.
    rewrite <- (her_step n l (0 + RtoC s * b) Hn) in K. cbn [her] in K. replace (0 + RtoC s * b) with (RtoC s * b) in K by ring.
    match type of K with cder _ _ ?x => replace (- b * cexp (RtoC s * dt) * ev l (RtoC s * b)) with x; [exact K|] end.
    transitivity (cexp (RtoC s * dt) * (dt * nu * (ev l (RtoC s * b) + her n (deriv l) (RtoC s * b)) + b * her n (deriv l) (RtoC s * b))); [ring|].
    rewrite Hd. ring. }
  assert (P : (0 < IZR (Zpos N))%R) by (apply IZR_lt; reflexivity). assert (P1 : (1 <= IZR (Zpos N))%R) by (apply IZR_le; lia).
  assert (Hre : forall s, (0 <= s <= 1)%R -> (fst (RtoC s * dt)%C <= Cmod b)%R).
  { intros s Hs. assert (E : fst (RtoC s * dt) = (s * (- fst b / IZR (Zpos N)))%R).
    { unfold dt, nu, Cdiv, Cinv, Cmult, Copp, RtoC; cbn [fst snd]. field. lra. }
    rewrite E. assert (X : (Rabs (fst b) <= Cmod b)%R) by (eapply Rle_trans; [apply Rmax_l|apply Rmax_Cmod]).
    assert (Y := Rle_abs (- fst b)). rewrite Rabs_Ropp in Y. assert (Z := Cmod_ge_0 b).
    assert (V : (- fst b / IZR (Zpos N) <= Cmod b)%R) by (apply Rle_div_l; [lra|nra]). nra. }
  assert (K := mean_value _ _ (Cmod b * exp (Cmod b) * B)%R D).
  match type of K with ?X -> _ => assert (H : X) end.
  { intros s Hs. rewrite !Cmod_mult, Cmod_opp, cexp_mod. apply Rmult_le_compat; [apply Rmult_le_pos; [apply Cmod_ge_0|left; apply exp_pos]|apply Cmod_ge_0|
    |now apply HB].
    apply Rmult_le_compat_l; [apply Cmod_ge_0|]. destruct (Hre s Hs) as [E|E]; [left; now apply exp_increasing|right; now rewrite E]. }
  specialize (K H). clear H Hre HB. cbv beta in K.
  replace (RtoC 1 * dt) with dt in K by ring. replace (RtoC 0 * dt) with (RtoC 0) in K by ring. rewrite cexp_0 in K.
  replace (0 + RtoC 1 * b) with b in K by ring. replace (0 + RtoC 0 * b) with (RtoC 0) in K by ring.
  assert (E : her n l b - cexp (b / nu) * her n l 0 = cexp (b / nu) * (cexp dt * her n l b - 1 * her n l 0)).
  { transitivity (cexp (b / nu) * cexp dt * her n l b - cexp (b / nu) * her n l 0); [|ring].
    rewrite <- cexp_plus. unfold dt. replace (b / nu + - (b / nu)) with (RtoC 0) by ring. rewrite cexp_0. ring. }
  rewrite E, Cmod_mult. unfold weight. rewrite !Rmult_assoc. apply Rmult_le_compat_l; [apply Cmod_ge_0|]. rewrite Rmult_assoc in K. exact K.
Qed.

(** ** Its value at 0, from the coefficients *)
Fixpoint ef (m : nat) (l : list C) : C :=
  match l with [] => 0 | a :: l' => a * RtoC (INR (fact m)) * cpow nu (S m) + ef (S m) l' end.
Lemma ef_dl l : forall m, ef (S m) l = nu * ef m (dl (S m) l).
Proof.
  induction l as [|a l IH]; intros m; [cbn [ef dl]; ring|]. cbn [dl]. 
  change (ef (S m) (a :: l)) with (a * RtoC (INR (fact (S m))) * cpow nu (S (S m)) + ef (S (S m)) l).
  change (ef m (RtoC (INR (S m)) * a :: dl (S (S m)) l)) with (RtoC (INR (S m)) * a * RtoC (INR (fact m)) * cpow nu (S m) + ef (S m) (dl (S (S m)) l)).
  rewrite IH, fact_simpl, mult_INR, RtoC_mult. change (cpow nu (S (S m))) with (nu * cpow nu (S m)). ring.
Qed.
Lemma her_ef n : forall l, (length l <= n)%nat -> her n l 0 = ef 0 l.
Proof.
  induction n as [|n IH]; intros [|a l] H; try (cbn in H; lia); try reflexivity.
  - cbn [her ev deriv]. rewrite (IH []) by (cbn; lia). cbn [ef]. ring.
  - cbn [her ev deriv]. rewrite IH by (rewrite dl_length; cbn in H; lia).
    change (ef 0 (a :: l)) with (a * RtoC 1 * (nu * 1) + ef 1 l). rewrite ef_dl. ring.
Qed.
Lemma ef_gauss l : List.Forall gauss l -> forall m, exists K, gauss K /\ ef m l = RtoC (INR (fact m)) * K.
Proof.
  induction 1 as [|a l Ha Hl IH]; intros m; [exists 0; split; [apply (gauss_z 0)|cbn; ring]|].
  destruct (IH (S m)) as (K & HK & E). exists (a * cpow nu (S m) + RtoC (INR (S m)) * K). split.
  - apply gauss_plus; [apply gauss_mult; [exact Ha|apply gauss_pow, nu_gauss]|apply gauss_mult; [apply gauss_nat|exact HK]].
  - change (ef m (a :: l)) with (a * RtoC (INR (fact m)) * cpow nu (S m) + ef (S m) l). rewrite E, fact_simpl, mult_INR, RtoC_mult. ring.
Qed.
Lemma ef_zeros k l : forall m, ef m (repeat (RtoC 0) k ++ l) = ef (m + k) l.
Proof.
  induction k as [|k IH]; intros m; [now rewrite Nat.add_0_r|]. 
  change (ef m (repeat (RtoC 0) (S k) ++ l)) with (RtoC 0 * RtoC (INR (fact m)) * cpow nu (S m) + ef (S m) (repeat (RtoC 0) k ++ l)).
  rewrite IH. replace (m + S k)%nat with (S m + k)%nat by lia. ring.
Qed.
Lemma ev_zeros k l z : ev (repeat (RtoC 0) k ++ l) z = cpow z k * ev l z.
Proof. induction k as [|k IH]; cbn [repeat app ev cpow]; [ring|]. rewrite IH. ring. Qed.
(** where l, moved by b, is z^k h(z) *)
Lemma her_root n l b k h : (length l <= n)%nat -> List.Forall gauss h -> (forall z, ev l (z + b) = cpow z k * ev h z) -> her n l b = ef k h.
Proof.
  intros Hn Hh H. set (l' := repeat (RtoC 0) k ++ h). set (n' := max n (length l')).
  rewrite <- (her_fuel n n' l b Hn) by lia. assert (E : forall z, ev l' z = ev l (z + b)) by (intros z; unfold l'; now rewrite ev_zeros, H).
  replace b with (0 + b) by ring. rewrite <- (her_shift n' l l' b E), her_ef by lia. unfold l'. now rewrite ef_zeros.
Qed.

(** ** The auxiliary polynomial *)
Fixpoint prod (bs : list C) (z : C) : C := match bs with [] => 1 | b :: bs' => (z - b) * prod bs' z end.
Arguments prod _ _%C.
Lemma prod_gpoly bs c : List.Forall gauss bs -> gauss c -> gpoly (fun z => prod bs (z + c)).
Proof.
  intros H Hc. induction H as [|b bs Hb H IH]; cbn [prod]; [apply gpoly_one|].
  destruct (gpoly_mult _ _ (gpoly_linear (c - b) (gauss_plus _ _ Hc (gauss_opp _ Hb))) IH) as (l & Hl & E).
  exists l. split; [exact Hl|]. intros z. rewrite <- E. ring.
Qed.
Lemma prod_root bs b : List.Forall gauss bs -> In b bs -> exists h, gpoly h /\ forall z, prod bs (z + b) = z * h z.
Proof.
  intros H Hb. assert (Gb : gauss b) by (rewrite Forall_forall in H; auto). induction H as [|c bs Hc H IH]; [easy|].
  destruct Hb as [->|Hb].
  - exists (fun z => prod bs (z + b)). split; [now apply prod_gpoly|]. intros z. cbn [prod]. ring.
  - destruct (IH Hb) as (h & Hh & E). exists (fun z => (z + (b - c)) * h z). split.
    + apply gpoly_mult; [|exact Hh]. apply gpoly_linear, gauss_plus; [exact Gb|now apply gauss_opp].
    + intros z. cbn [prod]. rewrite E. ring.
Qed.
Lemma prod_bound bs z M : (forall b, In b bs -> (Cmod (z - b)%C <= M)%R) -> (Cmod (prod bs z) <= M ^ length bs)%R.
Proof.
  induction bs as [|b bs IH]; cbn [prod length pow]; intros H; [rewrite Cmod_1; lra|]. rewrite Cmod_mult.
  apply Rmult_le_compat; [apply Cmod_ge_0|apply Cmod_ge_0|apply H; simpl; auto|]. apply IH. intros; apply H; simpl; auto.
Qed.

Section Auxiliary.
Variables (bs : list C) (q : nat).
Hypothesis Hbs : List.Forall gauss bs.
Definition aux (z : C) : C := cpow z q * cpow (prod bs z) (S q).
Variable l : list C.
Hypothesis Hl : forall z, ev l z = aux z.
Variable n : nat.
Hypothesis Hn : (length l <= n)%nat.
Lemma her_at_root b : In b bs -> exists K, gauss K /\ her n l b = RtoC (INR (fact (S q))) * K.
Proof.
  intros Hb. destruct (prod_root bs b Hbs Hb) as (h & Hh & E). assert (Gb : gauss b) by (rewrite Forall_forall in Hbs; auto).
  destruct (gpoly_mult _ _ (gpoly_pow _ q (gpoly_linear b Gb)) (gpoly_pow _ (S q) Hh)) as (k & Hk & Ek).
  rewrite (her_root n l b (S q) k Hn Hk); [now apply ef_gauss|].
  intros z. rewrite Hl, <- Ek. unfold aux. rewrite E, cpow_mult. ring.
Qed.
Lemma her_at_zero : exists K, gauss K /\ her n l 0 = RtoC (INR (fact q)) * (cpow (nu * prod bs 0) (S q) + RtoC (INR (S q)) * K).
Proof.
  destruct (gpoly_pow _ (S q) (prod_gpoly bs 0 Hbs (gauss_z 0))) as (k & Hk & Ek).
  assert (E : her n l 0 = ef q k).
  { apply (her_root n l 0 q k Hn Hk). intros z. rewrite Hl, <- Ek. unfold aux. replace (z + 0) with z by ring. reflexivity. }
  destruct k as [|a k]; [|].
  - exists 0. split; [apply (gauss_z 0)|]. rewrite E. cbn [ef]. specialize (Ek 0). cbn [ev] in Ek. replace (0 + 0) with (RtoC 0) in Ek by ring.
    rewrite cpow_mult, Ek. ring.
  - inversion Hk as [|? ? _ Hk']; subst. destruct (ef_gauss k Hk' (S q)) as (K & HK & EK). exists K. split; [exact HK|].
    rewrite E. change (ef q (a :: k)) with (a * RtoC (INR (fact q)) * cpow nu (S q) + ef (S q) k). rewrite EK.
    specialize (Ek 0). cbn [ev] in Ek. replace (0 + 0) with (RtoC 0) in Ek by ring. rewrite (cpow_mult nu (prod bs 0)), Ek, fact_simpl, mult_INR, RtoC_mult.
      ring.
Qed.
End Auxiliary.

(** ** The theorem *)
Definition csum (f : C -> C) (L : list (C * C)) : C := fold_right (fun ab s => fst ab * f (snd ab) + s) 0 L.
Lemma csum_bound f (w : C -> R) L B : (forall ab, In ab L -> (Cmod (f (snd ab)) <= w (snd ab) * B)%R) ->
  (Cmod (csum f L) <= fold_right (fun ab s => Cmod (fst ab) * w (snd ab) + s) 0 L * B)%R.
Proof.
  induction L as [|[a b] L IH]; cbn [csum fold_right fst snd]; intros H; [rewrite Cmod_0; lra|].
  eapply Rle_trans; [apply Cmod_triangle|]. rewrite Rmult_plus_distr_r. apply Rplus_le_compat; [|apply IH; intros; apply H; simpl; auto].
  rewrite Cmod_mult, Rmult_assoc. apply Rmult_le_compat_l; [apply Cmod_ge_0|]. apply (H (a, b)). simpl; auto.
Qed.
Lemma csum_gauss f c L : gauss c -> List.Forall (fun ab => gauss (fst ab)) L -> (forall b, In b (map snd L) -> exists K, gauss K /\ f b = c * K) ->
  exists K, gauss K /\ csum f L = c * K.
Proof.
  intros Hc. induction L as [|[a b] L IH]; cbn [csum fold_right fst snd map]; intros G H; [exists 0; split; [apply (gauss_z 0)|ring]|].
  inversion G as [|? ? Ga GL]; subst. destruct (IH GL) as (K & HK & E); [intros; apply H; simpl; auto|].
  destruct (H b) as (K' & HK' & E'); [simpl; auto|]. exists (a * K' + K). split; [apply gauss_plus; [now apply gauss_mult|exact HK]|].
  unfold csum in E. rewrite E, E'. ring.
Qed.
Definition norm (x : C) : R := (fst x * fst x + snd x * snd x)%R.
Arguments norm _%C.
Lemma norm_mult x y : norm (x * y) = (norm x * norm y)%R.
Proof. unfold norm, Cmult; cbn [fst snd]. ring. Qed.
Lemma norm_pow x n : norm (cpow x n) = (norm x ^ n)%R.
Proof. induction n; cbn [cpow pow]; [unfold norm, RtoC; cbn [fst snd]; ring|now rewrite norm_mult, IHn]. Qed.
Lemma norm_opp x : norm (- x) = norm x.
Proof. unfold norm, Copp; cbn [fst snd]. ring. Qed.
Lemma norm_z x : gauss x -> x <> 0 -> exists k : Z, (0 < k)%Z /\ norm x = IZR k.
Proof.
  intros (a & b & ->) H. exists (a * a + b * b)%Z. unfold norm; cbn [fst snd]. split; [|now rewrite plus_IZR, !mult_IZR].
  destruct (Z.eq_dec a 0) as [->|Na]; [|nia]. destruct (Z.eq_dec b 0) as [->|Nb]; [|nia]. now destruct H.
Qed.
Lemma gauss_big x : gauss x -> x <> 0 -> (1 <= Cmod x)%R.
Proof.
  intros G H. destruct (norm_z x G H) as (k & Hk & E). unfold Cmod. rewrite <- sqrt_1. apply sqrt_le_1_alt.
  replace (fst x ^ 2 + snd x ^ 2)%R with (norm x) by (unfold norm; ring). rewrite E. apply IZR_le. lia.
Qed.
(** a u^p is no multiple of p for p coprime to the norms of a and u *)
Lemma no_multiple a u K t : gauss a -> gauss u -> gauss K -> a <> 0 -> u <> 0 ->
  forall x y : Z, norm a = IZR x -> norm u = IZR y -> (0 < x)%Z -> (0 < y)%Z ->
  let q := (Z.to_nat (x * y) * S t)%nat in a * cpow u (S q) + RtoC (INR (S q)) * K <> 0.
Proof.
  intros Ga Gu GK Na Nu x y Ex Ey Px Py q H. set (p := Z.of_nat (S q)).
  assert (Hp : p = (1 + x * y * Z.of_nat (S t))%Z) by (unfold p, q; rewrite Nat2Z.inj_succ, Nat2Z.inj_mul, Z2Nat.id by nia; lia).
  assert (P2 : (1 < p)%Z) by nia.
  assert (E : norm (a * cpow u (S q)) = norm (RtoC (INR (S q)) * K)).
  { rewrite <- (norm_opp (RtoC (INR (S q)) * K)). f_equal. transitivity (a * cpow u (S q) + RtoC (INR (S q)) * K - RtoC (INR (S q)) * K); [ring|]. rewrite H.
    ring. }
  destruct GK as (k1 & k2 & ->). rewrite !norm_mult, norm_pow, Ex, Ey, INR_IZR_INZ in E. fold p in E.
  unfold norm, RtoC in E; cbn [fst snd] in E. rewrite pow_IZR in E. rewrite Rmult_0_l, Rplus_0_r in E.
  rewrite <- !mult_IZR, <- plus_IZR, <- !mult_IZR in E. apply eq_IZR in E.
  assert (D : (p | x * y ^ p)%Z). { fold p in E. rewrite E. exists (p * (k1 * k1 + k2 * k2))%Z. ring. }
  assert (R1 : rel_prime p x). { apply bezout_rel_prime. apply (Bezout_intro _ _ _ 1 (- (y * Z.of_nat (S t)))). rewrite Hp. ring. }
  assert (R2 : rel_prime p y). { apply bezout_rel_prime. apply (Bezout_intro _ _ _ 1 (- (x * Z.of_nat (S t)))). rewrite Hp. ring. }
  apply Gauss in D; [|exact R1]. assert (R3 : rel_prime p (y ^ p)) by (apply rel_prime_Zpower_r; [lia|exact R2]).
  destruct R3 as [_ _ R3]. specialize (R3 p (Z.divide_refl p) D). apply Z.divide_1_r in R3. lia.
Qed.

Theorem hermite a0 L : gauss a0 -> a0 <> 0 -> List.Forall (fun ab => gauss (fst ab) /\ gauss (snd ab) /\ snd ab <> 0) L ->
  a0 + csum (fun b => cexp (b / nu)) L <> 0.
Proof.
  intros Ga Na HL H. set (bs := map snd L).
  assert (Gbs : List.Forall gauss bs).
  { apply Forall_forall. intros b Hb. apply in_map_iff in Hb as ([a b'] & <- & Hb). rewrite Forall_forall in HL. now apply HL in Hb. }
  assert (Gas : List.Forall (fun ab => gauss (fst ab)) L) by (eapply Forall_impl; [|exact HL]; cbn; tauto).
  set (u := nu * prod bs 0).
  assert (Gu : gauss u).
  { destruct (prod_gpoly bs 0 Gbs (gauss_z 0)) as (k & Hk & Ek). apply gauss_mult; [apply nu_gauss|].
    specialize (Ek 0). replace (0 + 0) with (RtoC 0) in Ek by ring. rewrite Ek. clear Ek. destruct Hk; cbn [ev]; [apply (gauss_z 0)|].
    match goal with |- gauss (?a + _) => replace (a + _) with a by ring end. assumption. }
  assert (Nu : u <> 0).
  { apply Cmult_neq_0; [apply nu_neq0|]. clear -HL. unfold bs. induction HL as [|[a b] L (_ & _ & Nb) _ IH]; cbn [map prod snd].
    - intros E. apply RtoC_inj in E. lra.
    - apply Cmult_neq_0; [|exact IH]. cbn [snd] in Nb. intros E. apply Nb. transitivity (- (0 - b)); [ring|]. rewrite E. ring. }
  destruct (norm_z a0 Ga Na) as (x & Px & Ex). destruct (norm_z u Gu Nu) as (y & Py & Ey).
  set (M0 := fold_right (fun b s => (Cmod b + s)%R) 0%R bs). set (M := (1 + 2 * M0)%R).
  assert (HM : forall b, In b bs -> (Cmod b <= M0)%R).
  { unfold M0. clear. induction bs as [|c bs IH]; cbn [fold_right]; [easy|].
    assert (0 <= fold_right (fun b s => (Cmod b + s)%R) 0%R bs)%R.
    { clear. induction bs as [|c bs IH]; cbn [fold_right]; [lra|]. assert (P := Cmod_ge_0 c). lra. }
    assert (P := Cmod_ge_0 c). intros b [->|Hb]; [lra|]. specialize (IH b Hb). lra. }
  assert (P0 : (0 <= M0)%R).
  { unfold M0. clear. induction bs as [|c bs IH]; cbn [fold_right]; [lra|]. assert (P := Cmod_ge_0 c). lra. }
  set (M1 := (M ^ S (length bs))%R). assert (P1 : (1 <= M1)%R) by (apply pow_R1_Rle; unfold M; lra).
  set (D := fold_right (fun ab s => (Cmod (fst ab) * weight (snd ab) + s)%R) 0%R L).
  assert (PD : (0 <= D)%R).
  { unfold D. clear. induction L as [|c L IH]; cbn [fold_right]; [lra|]. assert (P := Cmod_ge_0 (fst c)).
    assert (0 <= weight (snd c))%R; [|nra]. unfold weight. assert (Q := Cmod_ge_0 (snd c)). assert (Q' := Cmod_ge_0 (cexp (snd c / nu))).
    assert (Q'' := exp_pos (Cmod (snd c))). apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; lra. }
  assert (Pe : (0 < / (D * M1 + 1))%R) by (apply Rinv_0_lt_compat; nra).
  destruct (cv_speed_pow_fact M1 _ Pe) as (n0 & Hn0).
  set (q := (Z.to_nat (x * y) * S n0)%nat).
  assert (Hq : (n0 <= q)%nat) by (unfold q; assert (1 <= Z.to_nat (x * y))%nat by (apply Nat2Z.inj_le; rewrite Z2Nat.id by nia; nia); nia).
  specialize (Hn0 q ltac:(lia)). unfold R_dist in Hn0. rewrite Rminus_0_r in Hn0.
  assert (Pf : (0 < INR (fact q))%R) by apply INR_fact_lt_0.
  assert (Pq : (0 < M1 ^ q)%R) by (apply pow_lt; lra).
  rewrite Rabs_pos_eq in Hn0 by (apply Rlt_le, Rdiv_lt_0_compat; assumption).
  assert (Small : (D * M1 ^ S q < INR (fact q))%R).
  { apply Rlt_div_l in Hn0; [|exact Pf]. apply (Rmult_lt_compat_r (D * M1 + 1)) in Hn0; [|nra].
    replace (/ (D * M1 + 1) * INR (fact q) * (D * M1 + 1))%R with (INR (fact q)) in Hn0 by (field; nra). cbn [pow]. nra. }
  destruct (gpoly_mult _ _ (gpoly_pow _ q (gpoly_linear 0 (gauss_z 0))) (gpoly_pow _ (S q) (prod_gpoly bs 0 Gbs (gauss_z 0)))) as (l & _ & El).
  assert (Hl : forall z, ev l z = aux bs q z) by (intros z; rewrite <- El; unfold aux; replace (z + 0) with z by ring; reflexivity).
  set (n := length l). destruct (her_at_zero bs q Gbs l Hl n (le_n _)) as (K0 & GK0 & E0).
  destruct (csum_gauss (her n l) (RtoC (INR (fact (S q)))) L (gauss_nat _) Gas (fun b Hb => her_at_root bs q Gbs l Hl n (le_n _) b Hb)) as (K1 & GK1 & E1).
  set (K := a0 * K0 + K1). assert (GK : gauss K) by (apply gauss_plus; [now apply gauss_mult|exact GK1]).
  assert (NJ := no_multiple a0 u K n0 Ga Gu GK Na Nu x y Ex Ey Px Py). cbv zeta in NJ. fold q in NJ.
  set (J := a0 * cpow u (S q) + RtoC (INR (S q)) * K) in *.
  assert (EJ : RtoC (INR (fact q)) * J = a0 * her n l 0 + csum (her n l) L).
  { rewrite E0, E1. unfold J, K, u. rewrite fact_simpl, mult_INR, RtoC_mult. ring. }
  assert (EJ' : RtoC (INR (fact q)) * J = csum (fun b => her n l b - cexp (b / nu) * her n l 0) L).
  { rewrite EJ. assert (X : csum (fun b => her n l b - cexp (b / nu) * her n l 0) L = csum (her n l) L - csum (fun b => cexp (b / nu)) L * her n l 0).
    { clear. induction L as [|[a b] L IH]; unfold csum in *; cbn [fold_right fst snd]; [ring|]. rewrite IH. ring. }
    rewrite X. assert (Y : a0 = - csum (fun b => cexp (b / nu)) L).
    { transitivity (a0 + csum (fun b => cexp (b / nu)) L - csum (fun b => cexp (b / nu)) L); [ring|]. rewrite H. ring. }
    rewrite Y. ring. }
  assert (Up : (Cmod (RtoC (INR (fact q)) * J)%C <= D * M1 ^ S q)%R).
  { rewrite EJ'. apply csum_bound. intros [a b] Hab. cbn [fst snd]. apply hermite_bound; [lia|]. intros s Hs.
    assert (Hb : In b bs) by (apply in_map_iff; now exists (a, b)).
    assert (Sb : (Cmod (RtoC s * b)%C <= M0)%R).
    { rewrite Cmod_mult, Cmod_R, Rabs_pos_eq by lra. specialize (HM b Hb). assert (P := Cmod_ge_0 b). nra. }
    rewrite Hl. unfold aux. rewrite Cmod_mult, !cpow_mod. unfold M1. cbn [pow length]. 
    assert (B1 : (Cmod (RtoC s * b)%C ^ q <= M ^ q)%R) by (apply pow_incr; split; [apply Cmod_ge_0|unfold M; lra]).
    assert (B2 : (Cmod (prod bs (RtoC s * b)) <= M ^ length bs)%R).
    { apply prod_bound. intros c Hc. unfold Cminus. eapply Rle_trans; [apply Cmod_triangle|]. rewrite Cmod_opp. specialize (HM c Hc). unfold M. lra. }
    change (Cmod (prod bs (RtoC s * b)) * Cmod (prod bs (RtoC s * b)) ^ q)%R with (Cmod (prod bs (RtoC s * b)) ^ S q)%R.
    assert (B3 : (Cmod (prod bs (RtoC s * b)) ^ S q <= (M ^ length bs) ^ S q)%R) by (apply pow_incr; split; [apply Cmod_ge_0|exact B2]).
    assert (B4 : (0 <= Cmod (RtoC s * b)%C ^ q)%R) by (apply pow_le, Cmod_ge_0).
    assert (B5 : (0 <= Cmod (prod bs (RtoC s * b)) ^ S q)%R) by (apply pow_le, Cmod_ge_0).
    eapply Rle_trans; [apply Rmult_le_compat; [exact B4|exact B5|exact B1|exact B3]|].
    change (M * M ^ length bs * (M * M ^ length bs) ^ q)%R with ((M * M ^ length bs) ^ S q)%R. rewrite Rpow_mult_distr.
    apply Rmult_le_compat_r; [apply pow_le, pow_le; unfold M; lra|]. cbn [pow]. assert (1 <= M)%R by (unfold M; lra). assert (0 <= M ^ q)%R by (apply pow_le;
      lra). nra. }
  rewrite Cmod_mult, Cmod_R, Rabs_pos_eq in Up by lra.
  assert (GJ : gauss J) by (apply gauss_plus; [apply gauss_mult; [exact Ga|now apply gauss_pow]|apply gauss_mult; [apply gauss_nat|exact GK]]).
  assert (X := gauss_big J GJ NJ). nra.
Qed.
End Hermite.

(** ** e^(1/N) is transcendental *)
Fixpoint zeval (P : list Z) (x : R) : R := match P with [] => 0%R | a :: P' => (IZR a + x * zeval P' x)%R end.
Fixpoint exponents (k : nat) (P : list Z) : list (C * C) :=
  match P with [] => [] | a :: P' => (RtoC (IZR a), RtoC (INR k)) :: exponents (S k) P' end.
Lemma exponents_sum N P : forall k, csum (fun b => cexp (b / RtoC (IZR (Zpos N)))) (exponents k P) =
  RtoC (exp (INR k / IZR (Zpos N)) * zeval P (exp (/ IZR (Zpos N)))).
Proof.
  induction P as [|a P IH]; intros k; cbn [exponents csum fold_right fst snd zeval].
  - now rewrite Rmult_0_r.
  - unfold csum in IH. rewrite IH, <- RtoC_div by (apply not_0_IZR; lia).
    assert (E : forall y, cexp (RtoC y) = RtoC (exp y)) by (intros y; unfold cexp, RtoC; cbn [fst snd]; rewrite cos_0, sin_0; f_equal; ring).
    rewrite E, <- RtoC_mult, <- RtoC_plus. f_equal. rewrite S_INR. replace ((INR k + 1) / IZR (Zpos N))%R with (INR k / IZR (Zpos N) + / IZR (Zpos N))%R by
      (unfold Rdiv; ring).
    rewrite exp_plus. ring.
Qed.
Theorem transcendental N P : List.Exists (fun a => a <> 0%Z) P -> zeval P (exp (/ IZR (Zpos N))) <> 0%R.
Proof.
  induction P as [|a P IH]; [intros H; inversion H|]. intros H. cbn [zeval]. destruct (Z.eq_dec a 0) as [->|Na].
  - assert (HP : List.Exists (fun a => a <> 0%Z) P) by (inversion H; subst; [easy|assumption]).
    rewrite Rplus_0_l. apply Rmult_integral_contrapositive_currified; [|now apply IH]. assert (X := exp_pos (/ IZR (Zpos N))). lra.
  - intros E. refine (hermite N (RtoC (IZR a)) (exponents 1 P) (gauss_z a) _ _ _).
    + intros K. apply RtoC_inj, eq_IZR in K. easy.
    + assert (G : forall k, (1 <= k)%nat -> List.Forall (fun ab => gauss (fst ab) /\ gauss (snd ab) /\ snd ab <> 0) (exponents k P)); [|now apply G].
      clear. induction P as [|a P IH]; intros k Hk; cbn [exponents]; constructor; [|apply IH; lia]. cbn [fst snd]. repeat split;
        [apply gauss_z|apply gauss_nat|].
      intros K. apply RtoC_inj in K. apply (INR_eq k 0) in K. lia.
    + rewrite exponents_sum, <- RtoC_plus. f_equal. rewrite <- E. cbn [INR]. replace (1 / IZR (Zpos N))%R with (/ IZR (Zpos N))%R by (unfold Rdiv; ring). ring.
Qed.
