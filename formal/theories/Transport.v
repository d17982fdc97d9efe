(** * Transport along a formal curve in the orbit

    theta(t) in R[[t]]^M solves theta' = sum_i c_i(t) X_i(theta), theta(0) = u, where the X_i are fields of Lie(V) given by expressions (Words.v).
    Proved here ([transport]): such fields of Lie(V), evaluated along theta(t), span over R[[t]] a module in which independent vectors
    are at most as many as the dimension of { V(u) : V in Lie(V) }.
    Idea: lambda' = - lambda . DX(theta), lambda(0) = e_a gives rows of a matrix U(t), U(0) = 1, with
    (U . Y(theta))' = sum_i c_i U . [X_i, Y](theta). So the coefficients of U . Y(theta) are combinations of values at u of iterated brackets
    (for one field X and c = 1: the coefficient of t^k is ad_X^k Y(u) / k!); all of them lie in { V(u) }, and U is injective over R[[t]]. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension Series.
Import ListNotations.
Local Open Scope R_scope.

Definition Sdvec := positive -> series.
Definition Slindep : list positive -> list Sdvec -> Prop := lindep series (scst 0) sadd smul.
Definition Slcomb : list series -> list Sdvec -> positive -> series := lcomb series (scst 0) sadd smul.
Definition ssum {B} (f : B -> series) (l : list B) : series := asum opsS (map f l).

Lemma ssum_add {B} (f g : B -> series) l : ssum (fun j => sadd (f j) (g j)) l = sadd (ssum f l) (ssum g l).
Proof. exact (asum_add opsS opsS_ok f g l). Qed.
Lemma ssum_scal {B} c (f : B -> series) l : ssum (fun j => smul c (f j)) l = smul c (ssum f l).
Proof. exact (asum_scal opsS opsS_ok c f l). Qed.
Lemma ssum_neg {B} (f : B -> series) l : ssum (fun j => sneg (f j)) l = sneg (ssum f l).
Proof. exact (asum_neg opsS opsS_ok f l). Qed.
Lemma ssum_ext {B} (f g : B -> series) l : (forall j, In j l -> f j = g j) -> ssum f l = ssum g l.
Proof. exact (asum_ext opsS f g l). Qed.
Lemma ssum_zero {B} (f : B -> series) l : (forall j, In j l -> f j = scst 0) -> ssum f l = scst 0.
Proof. exact (asum_zero opsS opsS_ok f l). Qed.
Lemma ssum_swap {B D} (f : B -> D -> series) l1 l2 : ssum (fun a => ssum (f a) l2) l1 = ssum (fun b => ssum (fun a => f a b) l1) l2.
Proof.
  induction l1 as [|a l1 IH]; [symmetry; now apply ssum_zero|].
  change (sadd (ssum (f a) l2) (ssum (fun a => ssum (f a) l2) l1) = ssum (fun b => sadd (f a b) (ssum (fun a => f a b) l1)) l2).
  now rewrite ssum_add, IH.
Qed.
Lemma ssum_coef {B} (f : B -> series) l n : ssum f l n = lsum (map (fun j => f j n) l).
Proof. induction l as [|j l IH]; [now destruct n|]. change (sadd (f j) (ssum f l) n = f j n + lsum (map (fun j => f j n) l)). unfold sadd. now rewrite IH.
  Qed.
Lemma sder_ssum {B} (f : B -> series) l : sder (ssum f l) = ssum (fun j => sder (f j)) l.
Proof. exact (sder_sum f l). Qed.

Section Transport.
Variables (m : model) (s : positive -> bool -> R -> R) (u : vec).
Let M := m_nparams m.
Variable control : list (series * (positive -> pe)).
Hypothesis control_lie : forall c X, In (c, X) control -> lie m s (pfield X).
Variable th : positive -> series.
Definition rhs (th : positive -> series) (i : positive) : series := ssum (fun cX => smul (fst cX) (ev opsS th (snd cX i))) control.
(** the curve: parameters 1..M; the others are constant *)
Hypothesis th0 : forall i, (i <= M)%positive -> th i O = u i.
Hypothesis th_out : forall i, (M < i)%positive -> th i = scst (u i).
Hypothesis th_ode : forall i, (i <= M)%positive -> sder (th i) = rhs th i.

(** values of Lie(V) at u *)
Definition at_u (w : vec) : Prop := exists V, lie m s V /\ forall a, (a <= M)%positive -> w a = V u a.
Lemma at_u_comb c d v w : at_u v -> at_u w -> at_u (fun a => c * v a + d * w a).
Proof.
  intros (V & HV & EV) (W & HW & EW). exists (fun x i => c * V x i + d * W x i). split; [now apply lie_comb|].
  intros a Ha. now rewrite EV, EW.
Qed.
Lemma at_u_ext v w : (forall a, v a = w a) -> at_u v -> at_u w.
Proof. intros E (V & HV & EV). exists V. split; [easy|]. intros a Ha. rewrite <- E. auto. Qed.
Lemma at_u_scal c v : at_u v -> at_u (fun a => c * v a).
Proof. intros H. apply (at_u_ext (fun a => c * v a + 0 * v a)); [intros; ring|]. now apply at_u_comb. Qed.
Lemma at_u_smul c (f : positive -> series) k : (forall j, (j <= k)%nat -> at_u (fun a => f a j)) -> at_u (fun a => smul c (f a) k).
Proof.
  unfold smul. revert c; induction k as [|k IH]; intros c H; cbn.
  - apply at_u_scal, H. lia.
  - apply (at_u_ext (fun a => c O * f a (S k) + 1 * smulr (stail c) (f a) k)); [intros; ring|].
    apply (at_u_comb (c O) 1 (fun a => f a (S k)) (fun a => smulr (stail c) (f a) k)); [apply H; lia|]. apply IH. intros; apply H; lia.
Qed.

(** the rows of U *)
Definition jac (i j : positive) : series := ssum (fun cX => smul (fst cX) (ev opsS th (pd j (snd cX i)))) control.
Lemma rows_exist : exists lam : positive * positive -> series,
  (forall a j, lam (a, j) O = ebasis a j) /\
  forall a j, sder (lam (a, j)) = sneg (ssum (fun i => smul (lam (a, i)) (jac i j)) (plist M)).
Proof.
  destruct (ode_solution (fun aj => ebasis (fst aj) (snd aj)) (fun y aj => sneg (ssum (fun i => smul (y (fst aj, i)) (jac i (snd aj))) (plist M))))
    as (y & H0 & H).
  - intros y z n E [a j]. cbn [fst snd]. unfold sneg. f_equal.
    apply (asum_agree n); [|lia]. intros i _. apply smul_agree; [|intros k _; reflexivity]. intros k Hk. now apply E.
  - exists y. split; [intros; apply H0|intros a j; apply (H (a, j))].
Qed.

Section Rows.
Variable lam : positive * positive -> series.
Hypothesis lam0 : forall a j, lam (a, j) O = ebasis a j.
Hypothesis lam_ode : forall a j, sder (lam (a, j)) = sneg (ssum (fun i => smul (lam (a, i)) (jac i j)) (plist M)).
Definition pull (p : Sdvec) (a : positive) : series := ssum (fun i => smul (lam (a, i)) (p i)) (plist M).
Definition along (Y : positive -> pe) : Sdvec := fun i => ev opsS th (Y i).

Lemma th_der_out k : (M < k)%positive -> sder (th k) = scst 0.
Proof. intros H. rewrite th_out by exact H. apply sder_cst. Qed.
(** (U . Y)' = sum c . U . [X, Y] *)
Lemma pull_der Y a : sder (pull (along Y) a) = ssum (fun cX => smul (fst cX) (pull (along (bpe M (snd cX) Y)) a)) control.
Proof.
  unfold pull, along. rewrite sder_ssum.
  rewrite (ssum_ext _ (fun i => sadd (smul (sneg (ssum (fun k => smul (lam (a, k)) (jac k i)) (plist M))) (ev opsS th (Y i)))
     (smul (lam (a, i)) (ssum (fun j => smul (ev opsS th (pd j (Y i))) (rhs th j)) (plist M))))).
  2:{ intros i _. rewrite sder_mul, lam_ode. f_equal. f_equal. rewrite (sder_ev M th (Y i) th_der_out). apply ssum_ext.
      intros j Hj. apply plist_in in Hj. now rewrite th_ode. }
  rewrite ssum_add.
  (* the right side, with the bracket expanded *)
  transitivity (ssum (fun cX => ssum (fun i => sadd
      (smul (lam (a, i)) (ssum (fun j => smul (fst cX) (smul (ev opsS th (pd j (Y i))) (ev opsS th (snd cX j)))) (plist M)))
      (sneg (smul (lam (a, i)) (ssum (fun j => smul (fst cX) (smul (ev opsS th (pd j (snd cX i))) (ev opsS th (Y j)))) (plist M))))) (plist M)) control).
  - rewrite ssum_swap. rewrite (ssum_ext _ _ _ (fun i _ => ssum_add _ _ control)). rewrite ssum_add.
    assert (A : ssum (fun i => smul (lam (a, i)) (ssum (fun j => smul (ev opsS th (pd j (Y i))) (rhs th j)) (plist M))) (plist M) =
      ssum (fun i => ssum (fun cX : series * (positive -> pe) => smul (lam (a, i)) (ssum (fun j => smul (fst cX) (smul (ev opsS th (pd j (Y i))) (ev opsS
        th (snd cX j)))) (plist M))) control) (plist M)).
    { apply ssum_ext. intros i _. rewrite ssum_scal. f_equal. rewrite ssum_swap. apply ssum_ext. intros j _. unfold rhs. rewrite <- ssum_scal.
      apply ssum_ext. intros cX _. ring. }
    assert (B : ssum (fun i => smul (sneg (ssum (fun k => smul (lam (a, k)) (jac k i)) (plist M))) (ev opsS th (Y i))) (plist M) =
      ssum (fun i => ssum (fun cX : series * (positive -> pe) => sneg (smul (lam (a, i)) (ssum (fun j => smul (fst cX) (smul (ev opsS th (pd j (snd cX i)))
        (ev opsS th (Y j)))) (plist M)))) control) (plist M)).
    { rewrite (ssum_ext _ (fun i => ssum (fun k => sneg (smul (smul (lam (a, k)) (jac k i)) (ev opsS th (Y i)))) (plist M))).
      2:{ intros i _. rewrite ssum_neg.
          assert (E2 : ssum (fun k => smul (smul (lam (a, k)) (jac k i)) (ev opsS th (Y i))) (plist M) =
            smul (ev opsS th (Y i)) (ssum (fun k => smul (lam (a, k)) (jac k i)) (plist M))) by (rewrite <- ssum_scal; apply ssum_ext; intros;
              apply smul_comm).
          rewrite E2. ring. }
      rewrite ssum_swap. apply ssum_ext. intros k _. rewrite ssum_neg, ssum_neg. f_equal.
      rewrite ssum_scal, ssum_swap, <- ssum_scal. apply ssum_ext. intros j _. unfold jac.
      rewrite <- !smul_assoc. f_equal. rewrite (smul_comm _ (ev opsS th (Y j))), <- ssum_scal. apply ssum_ext. intros; ring. }
    rewrite A, B. ring.
  - apply ssum_ext. intros [c X] Hc. cbn [fst snd]. rewrite <- ssum_scal. apply ssum_ext. intros i _.
    rewrite (ev_bracket M opsS th X Y i opsS_ok). cbn [opsS oadd omul oneg].
    change (asum opsS (map ?f ?l)) with (ssum f l). rewrite !ssum_scal. ring.
Qed.

Lemma pull_0 p a : (a <= M)%positive -> pull p a O = p a O.
Proof.
  intros Ha. unfold pull. rewrite ssum_coef.
  rewrite (lsum_eq _ (fun i => p i O * ebasis i a)).
  - apply (sum_basis (fun i => p i O)); [apply plist_nodup|now apply plist_in].
  - intros i _. unfold smul; cbn. rewrite lam0. unfold ebasis. rewrite Pos.eqb_sym. destruct (Pos.eqb a i); ring.
Qed.
(** the coefficients of a pulled-back field of Lie(V) are values at u *)
Lemma pull_coef k : forall Y, lie m s (pfield Y) -> at_u (fun a => pull (along Y) a k).
Proof.
    induction k as [k IH] using (well_founded_induction lt_wf). intros Y HY. destruct k as [|k].
    - exists (pfield Y). split; [easy|]. intros a Ha. rewrite pull_0 by exact Ha. unfold along, pfield, rev.
      assert (E : forall q, ev opsS th q O = ev opsR (fun i => th i O) q) by
        (induction q as [z|i|b IHb c IHc|b IHb c IHc|b IHb|f n b IHb]; [| | | | |change (sfun f n (ev opsS th b) O = jetR f n (ev opsR (fun i => th i O) b)); now rewrite sfun_0, IHb];
        cbn; unfold sadd, smul, sneg; cbn; congruence).
      rewrite E. apply ev_ext. intros i. destruct (Pos.leb_spec i M); [now apply th0|now rewrite th_out].
    - assert (E : forall a, pull (along Y) a (S k) = / INR (S k) * ssum (fun cX => smul (fst cX) (pull (along (bpe M (snd cX) Y)) a)) control k).
      { intros a. rewrite <- pull_der. unfold sder. field. apply not_0_INR. lia. }
      apply (at_u_ext (fun a => / INR (S k) * ssum (fun cX => smul (fst cX) (pull (along (bpe M (snd cX) Y)) a)) control k)); [intros; symmetry; apply E|].
      apply (at_u_scal (/ INR (S k)) (fun a => ssum _ _ k)).
      apply (at_u_ext (fun a => lsum (map (fun cX => smul (fst cX) (pull (along (bpe M (snd cX) Y)) a) k) control))); [intros; symmetry; apply ssum_coef|].
      clear E. induction control as [|[c X] l IHl].
      + apply (at_u_ext (fun a => 0 * pfield Y u a)); [intros; unfold lsum; cbn; ring|]. apply (at_u_scal 0 (pfield Y u)). exists (pfield Y). auto.
      + apply (at_u_ext (fun a => 1 * smul c (pull (along (bpe M X Y)) a) k + 1 * lsum (map (fun cX => smul (fst cX) (pull (along (bpe M (snd cX) Y)) a) k)
        l))).
        * intros a. unfold lsum; cbn. ring.
        * apply (at_u_comb 1 1 (fun a => smul c (pull (along (bpe M X Y)) a) k) (fun a => lsum _)).
          -- apply at_u_smul. intros j Hj. apply IH; [lia|].
             eapply lie_ext; [intros x i Hi; apply pfield_bracket|]. apply lie_br; auto using pfield_smooth. apply (control_lie c). simpl; auto.
          -- apply IHl. intros c' X' Hin. apply (control_lie c'). simpl; auto.
Qed.

(** vectors of series whose images under U have all coefficients among the values at u: a module over R[[t]] *)
Definition in_module (p : Sdvec) : Prop := forall k, at_u (fun a => pull p a k).
Lemma module_step p q w : in_module p -> in_module w -> in_module (fun i => ssub (w i) (smul q (p i))).
Proof.
  intros Hp Hw k. apply (at_u_ext (fun a => 1 * pull w a k + (-1) * smul q (pull p a) k)).
  - intros a. unfold pull. rewrite <- ssum_scal.
    assert (E : ssum (fun i => smul (lam (a, i)) (ssub (w i) (smul q (p i)))) (plist M) =
      sadd (ssum (fun i => smul (lam (a, i)) (w i)) (plist M)) (sneg (ssum (fun i => smul q (smul (lam (a, i)) (p i))) (plist M)))).
    { rewrite <- ssum_neg, <- ssum_add. apply ssum_ext. intros; ring. }
    rewrite E. unfold sadd, sneg. ring.
  - apply (at_u_comb 1 (-1) (fun a => pull w a k) (fun a => smul q (pull p a) k)); [apply Hw|]. apply at_u_smul. intros; apply Hp.
Qed.
Lemma pull_injective p : (forall a, (a <= M)%positive -> pull p a = scst 0) -> forall i, (i <= M)%positive -> p i = scst 0.
Proof.
  intros H. assert (G : forall k i, (i <= M)%positive -> p i k = 0).
  { intros k. induction k as [k IH] using (well_founded_induction lt_wf). intros i Hi.
    assert (E := f_equal (fun f : series => f k) (H i Hi)). cbv beta in E. unfold pull in E. rewrite ssum_coef in E.
    rewrite (lsum_eq _ (fun j => p j k * ebasis j i)) in E.
    - assert (S := sum_basis (fun j => p j k) i (plist M) (plist_nodup M) (proj2 (plist_in M i) Hi)). rewrite S in E. rewrite E. now destruct k.
    - intros j Hj. apply plist_in in Hj. rewrite <- (Nat.add_0_l k), (smul_low (lam (i, j)) (p j) 0 k) by (intros; try lia; now apply IH).
      rewrite lam0. cbn. unfold ebasis. rewrite Pos.eqb_sym. destruct (Pos.eqb i j); ring. }
  intros i Hi. apply seq_ext. intros [|k]; cbn; now apply G.
Qed.
Lemma pull_lcomb gs ps a : Slcomb gs (map pull ps) a = pull (Slcomb gs ps) a.
Proof.
  unfold Slcomb. revert gs; induction ps as [|p ps IH]; intros [|g gs]; cbn [lcomb map]; try (symmetry; apply ssum_zero; intros; ring).
  rewrite IH. unfold pull. cbn [lcomb]. rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros; ring.
Qed.
End Rows.
End Transport.

(** coordinates of a vector in a list of independent vectors *)
Definition coord (J : list positive) (rows : list vec) (b : nat) (w : vec) : R :=
  real (Lub_Rbar (fun x => exists gs, length gs = length rows /\ (forall i, In i J -> w i = Rlcomb gs rows i) /\ nth b gs 0 = x)).
Lemma lcomb_unique J rows gs gs' : Rlindep J rows -> length gs = length rows -> length gs' = length rows ->
  (forall i, In i J -> Rlcomb gs rows i = Rlcomb gs' rows i) -> gs = gs'.
Proof.
  intros H L L' E.
  assert (G : forall rows gs gs', length gs = length rows -> length gs' = length rows -> exists ds, length ds = length rows /\
     (forall i, Rlcomb ds rows i = Rlcomb gs rows i - Rlcomb gs' rows i) /\ (List.Forall (fun g => g = 0) ds -> gs = gs')).
  { clear. intros rows. induction rows as [|r rows IH]; intros [|g gs] [|g' gs'] L L'; try easy.
    - exists []. split; [easy|]. split; [intros; unfold Rlcomb; cbn; ring|easy].
    - cbn in L, L'. injection L as L. injection L' as L'. destruct (IH gs gs' L L') as (ds & Ld & Ed & Hd).
      exists (g - g' :: ds). split; [cbn; now rewrite Ld|]. split.
      + intros i. unfold Rlcomb in *. cbn. rewrite Ed. ring.
      + intros F. inversion F; subst. f_equal; [lra|now apply Hd]. }
  destruct (G rows gs gs' L L') as (ds & Ld & Ed & Hd). apply Hd, H; [exact Ld|]. intros i Hi.
  change (Rlcomb ds rows i = 0). rewrite Ed, E by exact Hi. ring.
Qed.
Lemma coord_ok J rows b w gs : Rlindep J rows -> length gs = length rows -> (forall i, In i J -> w i = Rlcomb gs rows i) ->
  coord J rows b w = nth b gs 0.
Proof.
  intros H L E. unfold coord. rewrite (is_lub_Rbar_unique _ (nth b gs 0)); [reflexivity|]. split.
  - intros x (gs' & L' & E' & <-). rewrite (lcomb_unique J rows gs gs'); auto; [apply Rbar_le_refl|]. intros i Hi. now rewrite <- E, <- E'.
  - intros y Hy. apply Hy. exists gs. auto.
Qed.
Lemma lcomb_nth gs (rows : list vec) i : length gs = length rows ->
  Rlcomb gs rows i = lsum (map (fun b => nth (pred (Pos.to_nat b)) gs 0 * nth (pred (Pos.to_nat b)) rows (fun _ => 0) i) (map Pos.of_succ_nat (seq 0
    (length rows)))).
Proof.
  intros L. rewrite map_map. rewrite (lsum_eq _ (fun n => nth n gs 0 * nth n rows (fun _ => 0) i)).
  2:{ intros n _. rewrite SuccNat2Pos.id_succ. reflexivity. }
  revert gs L; induction rows as [|r rows IH]; intros [|g gs] L; try easy. cbn in L. injection L as L.
  change (Rlcomb (g :: gs) (r :: rows) i) with (g * r i + Rlcomb gs rows i). rewrite (IH gs L). cbn [length seq map]. unfold lsum; cbn [fold_right nth].
  f_equal. rewrite <- seq_shift, map_map. reflexivity.
Qed.

Theorem transport m s u control th : (forall c X, In (c, X) control -> lie m s (pfield X)) ->
  (forall i, (i <= m_nparams m)%positive -> th i O = u i) -> (forall i, (m_nparams m < i)%positive -> th i = scst (u i)) ->
  (forall i, (i <= m_nparams m)%positive -> sder (th i) = rhs control th i) ->
  exists module : Sdvec -> Prop,
    (forall Y, lie m s (pfield Y) -> module (along th Y)) /\
    (forall p q w, module p -> module w -> module (fun i => ssub (w i) (smul q (p i)))) /\
    forall ps, (forall p, In p ps -> module p) -> Slindep (plist (m_nparams m)) ps -> lie_ge m s u (length ps).
Proof.
  intros HC T0 TO TD. destruct (rows_exist m control th) as (lam & L0 & LD).
  exists (in_module m s u lam). split; [|split].
  - intros Y HY k. now apply (pull_coef m s u control HC th).
  - intros p q w Hp Hw. now apply module_step.
  - intros ps Hps Hind. set (M := m_nparams m) in *.
    destruct (lie_dim_exists m s u) as (d & [HG HL] & _).
    destruct (Compare_dec.le_lt_dec (length ps) d) as [Le|Lt]; [now apply (lie_ge_down m s u d)|]. exfalso.
    destruct HG as (Fs & LF & HF & HI). set (B := map (fun V : field => V u) Fs) in *.
    assert (LB : length B = d) by (unfold B; now rewrite map_length).
    set (J := map Pos.of_succ_nat (seq 0 d)).
    assert (LJ : length J = d) by (unfold J; now rewrite map_length, seq_length).
    set (q := fun (p : Sdvec) (b : positive) => (fun k => coord (plist M) B (pred (Pos.to_nat b)) (fun a => pull m lam p a k)) : series).
    assert (Eq : forall p, In p ps -> forall a, (a <= M)%positive ->
      pull m lam p a = ssum (fun b => smul (scst (nth (pred (Pos.to_nat b)) B (fun _ => 0) a)) (q p b)) J).
    { intros p Hp a Ha. apply seq_ext. intros k. rewrite ssum_coef.
      destruct (Hps p Hp k) as (V & HV & EV). destruct (lie_dim_span m s u d Fs HL LF HF HI V HV) as (gs & Lg & Eg).
      assert (W : forall i, In i (plist M) -> pull m lam p i k = Rlcomb gs B i) by (intros i Hi; apply plist_in in Hi; rewrite EV, Eg by auto; reflexivity).
      rewrite (W a) by now apply plist_in. rewrite lcomb_nth by (rewrite LB; exact Lg). unfold J. rewrite LB. apply lsum_eq. intros b _.
      unfold q. assert (Sc : forall c (f : series) n, smul (scst c) f n = c * f n).
      { intros c f n. replace (scst c) with (fun n : nat => c * scst 1 n) by (apply seq_ext; intros [|]; cbn; ring). rewrite smul_scal, smul_1. reflexivity. }
      rewrite Sc. rewrite (coord_ok (plist M) B _ (fun a => pull m lam p a k) gs HI) by (auto; now rewrite LB). ring. }
    destruct (dependent series (scst 0) (scst 1) sadd smul ssub sneg S_ring S_integral S_one J (map q ps)) as (gs & Lg & Ng & Cg).
    { rewrite map_length, LJ. exact Lt. }
    rewrite map_length in Lg. apply Ng. apply Hind; [exact Lg|]. intros i Hi. apply plist_in in Hi. revert i Hi.
    apply (pull_injective m lam L0 (fun i => lcomb series (scst 0) sadd smul gs ps i)). intros a Ha.
    change (pull m lam (Slcomb gs ps) a = scst 0). rewrite <- pull_lcomb.
    assert (E : forall gs ps, (forall p, In p ps -> forall a, (a <= M)%positive ->
      pull m lam p a = ssum (fun b => smul (scst (nth (pred (Pos.to_nat b)) B (fun _ => 0) a)) (q p b)) J) ->
       Slcomb gs (map (pull m lam) ps) a = ssum (fun b => smul (scst (nth (pred (Pos.to_nat b)) B (fun _ => 0) a)) (Slcomb gs (map q ps) b)) J).
    { clear - Ha. unfold Slcomb. intros gs ps; revert gs; induction ps as [|p ps IH]; intros [|g gs] Hp; cbn [lcomb map]; try (symmetry; apply ssum_zero;
      intros; ring).
      rewrite IH by (intros; apply Hp; simpl; auto). rewrite (Hp p (or_introl eq_refl) a Ha). rewrite <- ssum_scal, <- ssum_add. apply ssum_ext.
        intros; ring. }
    rewrite (E gs ps Eq). apply ssum_zero. intros b Hb. unfold Slcomb. rewrite (Cg b Hb). ring.
Qed.
