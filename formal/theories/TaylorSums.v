(** * Enclosures of the exponential function, sine and cosine: Taylor polynomials at an argument halved until it is small, with bounds
    of the remainders, then squared or doubled as often. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Intervals.
Local Open Scope R_scope.

(** ** Functions with a bounded slope *)
Lemma slope_bound (F F' : R -> R) a b : (forall z, is_derive F z (F' z)) -> (forall z, Rabs (F' z) <= 1) -> Rabs (F b - F a) <= Rabs (b - a).
Proof.
  intros H B. destruct (MVT_gen F a b F') as (c & _ & ->).
  - intros z _. apply H.
  - intros z _. apply continuity_pt_filterlim, (ex_derive_continuous F). exists (F' z). apply H.
  - rewrite Rabs_mult. assert (A := B c). assert (P := Rabs_pos (b - a)). nra.
Qed.
Lemma slope_compare (F G F' G' : R -> R) x : 0 <= x -> F 0 = 0 -> G 0 = 0 ->
  (forall z, is_derive F z (F' z)) -> (forall z, is_derive G z (G' z)) -> (forall z, 0 <= z -> Rabs (F' z) <= G' z) -> Rabs (F x) <= G x.
Proof.
  intros Hx F0 G0 HF HG B.
  assert (M : forall (H H' : R -> R), H 0 = 0 -> (forall z, is_derive H z (H' z)) -> (forall z, 0 <= z -> 0 <= H' z) -> 0 <= H x).
  { intros H H' H0 D P. destruct (MVT_gen H 0 x H') as (c & Hc & E).
    - intros z _. apply D.
    - intros z _. apply continuity_pt_filterlim, (ex_derive_continuous H). exists (H' z). apply D.
    - rewrite Rmin_left, Rmax_right in Hc by exact Hx. rewrite H0 in E. assert (Q := P c (proj1 Hc)). nra. }
  assert (A := M (fun z => G z - F z) (fun z => G' z - F' z)). assert (C := M (fun z => G z + F z) (fun z => G' z + F' z)).
  apply Rabs_le. cut (0 <= G x - F x /\ 0 <= G x + F x); [lra|]. split; [apply A|apply C]; cbv beta; try lra.
  - intros z. now apply @is_derive_minus.
  - intros z Hz. assert (K := B z Hz). apply Rabs_le_between in K. lra.
  - intros z. now apply @is_derive_plus.
  - intros z Hz. assert (K := B z Hz). apply Rabs_le_between in K. lra.
Qed.
Section Widening.
Context {rd : rounding}.
(** an enclosure, widened on both sides *)
Definition spread (p : interval) (w : Q) : interval := i_add p (qopp w, w).
Lemma spread_ok r s w p : within s p -> Rabs (r - s) <= Q2R w -> within r (spread p w).
Proof.
  intros H K. replace r with (s + (r - s)) by ring. apply i_add_ok; [exact H|]. apply Rabs_le_between in K. unfold within. cbn [fst snd]. rewrite qopp_ok. exact K.
Qed.
Definition width (x : interval) : Q := plain_add (snd x) (qopp (fst x)).
Lemma width_ok x : Q2R (width x) = Q2R (snd x) - Q2R (fst x).
Proof. unfold width. rewrite plain_add_ok, qopp_ok. ring. Qed.
(** an enclosure at the left end, widened by the length *)
Definition widen (x p : interval) : interval := spread p (width x).
Lemma widen_ok (F F' : R -> R) r x p : (forall z, is_derive F z (F' z)) -> (forall z, Rabs (F' z) <= 1) ->
  within r x -> within (F (Q2R (fst x))) p -> within (F r) (widen x p).
Proof.
  intros H B [A1 A2] P. apply (spread_ok _ _ _ _ P). rewrite width_ok. eapply Rle_trans; [apply (slope_bound F F' _ _ H B)|]. rewrite Rabs_pos_eq by lra. lra.
Qed.
End Widening.

(** ** Taylor polynomials of exp(-y), sin and cos *)
Definition power (n : nat) (y : R) : R := y ^ n / INR (fact n).
Lemma fact_positive n : 0 < INR (fact n). Proof. apply lt_0_INR, lt_O_fact. Qed.
Lemma power_0 n : power (S n) 0 = 0. Proof. unfold power. rewrite pow_i by lia. unfold Rdiv. ring. Qed.
Lemma power_nonnegative n y : 0 <= y -> 0 <= power n y.
Proof. intros H. apply Rmult_le_pos; [now apply pow_le|left; apply Rinv_0_lt_compat, fact_positive]. Qed.
Lemma power_next n y : power (S n) y = power n y * y / INR (S n).
Proof. unfold power. rewrite fact_simpl, mult_INR. cbn [pow]. field. split; [apply Rgt_not_eq, fact_positive|apply not_0_INR; lia]. Qed.
Lemma power_derive n y : is_derive (power (S n)) y (power n y).
Proof.
  assert (P := fact_positive n). assert (Q : 0 < INR (S n)) by (apply lt_0_INR; lia).
  replace (power n y) with (scal (/ INR (fact (S n))) (INR (S n) * 1 * y ^ n)).
  - apply (is_derive_ext (fun y => scal (/ INR (fact (S n))) (y ^ S n))); [intros t; unfold power, scal; simpl; unfold mult; simpl; field; apply Rgt_not_eq, (fact_positive (S n))|].
    apply (is_derive_scal (fun y => y ^ S n)). apply (is_derive_pow (fun y => y) (S n)). apply @is_derive_id.
  - unfold power. rewrite fact_simpl, mult_INR. unfold scal; simpl; unfold mult; simpl. change (match n with O => 1 | S _ => INR n + 1 end) with (INR (S n)). field. split; lra.
Qed.
(** the first n terms of the powers p(0), p(1), ..., added and taken away in turn *)
Fixpoint turns (p : nat -> R -> R) (n : nat) (y : R) : R := match n with O => 0 | S n => turns p n y + (-1) ^ n * p n y end.
Lemma turns_derive p p' : (forall n y, is_derive (p n) y (p' n y)) -> forall n y, is_derive (turns p n) y (turns p' n y).
Proof.
  intros H. induction n as [|n IH]; intros y; [apply @is_derive_const|].
  apply (is_derive_plus (turns p n) (fun y => (-1) ^ n * p n y)); [apply IH|]. apply (is_derive_scal (p n)), H.
Qed.
Lemma turns_shift p n y : turns p (S n) y = p O y - turns (fun k => p (S k)) n y.
Proof. induction n as [|n IH]; [cbn; ring|]. change (turns p (S n) y + (-1) ^ S n * p (S n) y = p O y - (turns (fun k => p (S k)) n y + (-1) ^ n * p (S n) y)). rewrite IH. cbn [pow]. ring. Qed.
Lemma turns_0 p n : (forall k, p k 0 = 0) -> turns p n 0 = 0.
Proof. intros H. induction n as [|n IH]; [reflexivity|]. cbn [turns]. rewrite IH, H. ring. Qed.
Definition exp_sum : nat -> R -> R := turns power.
Definition cos_sum : nat -> R -> R := turns (fun k => power (2 * k)).
Definition sin_sum : nat -> R -> R := turns (fun k => power (2 * k + 1)).
Lemma power_zero y : power 0 y = 1. Proof. unfold power. cbn. field. Qed.
Lemma exp_sum_derive n y : is_derive (exp_sum (S n)) y (- exp_sum n y).
Proof.
  apply (is_derive_ext (fun y => 1 - turns (fun k => power (S k)) n y)); [intros t; unfold exp_sum; now rewrite turns_shift, power_zero|].
  replace (- exp_sum n y) with (minus 0 (exp_sum n y)) by (unfold minus, plus, opp; simpl; ring).
  apply (is_derive_minus (fun _ => 1)); [apply @is_derive_const|]. apply turns_derive. exact power_derive.
Qed.
Lemma sin_sum_derive n y : is_derive (sin_sum n) y (cos_sum n y).
Proof. apply turns_derive. intros k z. rewrite Nat.add_1_r. apply power_derive. Qed.
Lemma cos_sum_derive n y : is_derive (cos_sum (S n)) y (- sin_sum n y).
Proof.
  apply (is_derive_ext (fun y => 1 - turns (fun k => power (2 * S k)) n y)); [intros t; unfold cos_sum; now rewrite turns_shift, power_zero|].
  replace (- sin_sum n y) with (minus 0 (sin_sum n y)) by (unfold minus, plus, opp; simpl; ring).
  apply (is_derive_minus (fun _ => 1)); [apply @is_derive_const|]. apply turns_derive. intros k z.
  replace (2 * S k)%nat with (S (2 * k + 1)) by lia. apply power_derive.
Qed.
Lemma start_at_one p n : power 0 0 = 1 -> (forall k, p (S k) 0 = 0) -> p O = power 0 -> turns p (S n) 0 = 1.
Proof. intros H1 H0 E. rewrite turns_shift, turns_0 by exact H0. rewrite E, H1. ring. Qed.
Lemma exp_mono a b : a <= b -> exp a <= exp b.
Proof. intros [H| ->]; [left; now apply exp_increasing|right; reflexivity]. Qed.
Lemma exp_sum_bound n : forall y, 0 <= y -> Rabs (exp (- y) - exp_sum n y) <= power n y.
Proof.
  induction n as [|n IH]; intros y Hy.
  - change (Rabs (exp (- y) - 0) <= power 0 y). rewrite power_zero. assert (P := exp_pos (- y)). assert (K := exp_mono (- y) 0 ltac:(lra)). rewrite exp_0 in K.
    rewrite Rminus_0_r, Rabs_pos_eq; lra.
  - apply (slope_compare (fun y => exp (- y) - exp_sum (S n) y) (power (S n)) (fun y => - (exp (- y) - exp_sum n y)) (power n) y Hy).
    + unfold exp_sum. rewrite start_at_one, Ropp_0, exp_0; [ring|apply power_zero|intros k; apply power_0|reflexivity].
    + apply power_0.
    + intros z. replace (- (exp (- z) - exp_sum n z)) with (minus (- exp (- z)) (- exp_sum n z)) by (unfold minus, plus, opp; simpl; ring).
      apply (is_derive_minus (fun y => exp (- y)) (exp_sum (S n))); [auto_derive; [exact I|ring]|apply exp_sum_derive].
    + intros z. apply power_derive.
    + intros z Hz. rewrite Rabs_Ropp. now apply IH.
Qed.
Lemma derive_sin z : is_derive sin z (cos z). Proof. auto_derive; [exact I|ring]. Qed.
Lemma derive_cos z : is_derive cos z (- sin z). Proof. auto_derive; [exact I|ring]. Qed.
Lemma cos_sum_bound n : forall y, 0 <= y -> Rabs (cos y - cos_sum n y) <= power (2 * n) y /\ Rabs (sin y - sin_sum n y) <= power (2 * n + 1) y.
Proof.
  assert (S : forall n, (forall y, 0 <= y -> Rabs (cos y - cos_sum n y) <= power (2 * n) y) -> forall y, 0 <= y -> Rabs (sin y - sin_sum n y) <= power (2 * n + 1) y).
  { clear n. intros n H y Hy. apply (slope_compare (fun y => sin y - sin_sum n y) (power (2 * n + 1)) (fun y => cos y - cos_sum n y) (power (2 * n)) y Hy).
    - rewrite sin_0. unfold sin_sum. rewrite turns_0; [ring|]. intros k. rewrite Nat.add_1_r. apply power_0.
    - rewrite Nat.add_1_r. apply power_0.
    - intros z. apply (is_derive_minus sin (sin_sum n)); [apply derive_sin|apply sin_sum_derive].
    - intros z. rewrite Nat.add_1_r. apply power_derive.
    - exact H. }
  cut (forall y, 0 <= y -> Rabs (cos y - cos_sum n y) <= power (2 * n) y); [intros H y Hy; split; [now apply H|now apply S]|].
  induction n as [|n IH]; intros y Hy.
  - change (Rabs (cos y - 0) <= power 0 y). rewrite power_zero, Rminus_0_r. apply Rabs_le. assert (K := COS_bound y). lra.
  - apply (slope_compare (fun y => cos y - cos_sum (Datatypes.S n) y) (power (2 * Datatypes.S n)) (fun y => - (sin y - sin_sum n y)) (power (2 * n + 1)) y Hy).
    + unfold cos_sum. rewrite start_at_one, cos_0; [ring|apply power_zero|intros k; replace (2 * Datatypes.S k)%nat with (Datatypes.S (2 * k + 1)) by lia; apply power_0|reflexivity].
    + replace (2 * Datatypes.S n)%nat with (Datatypes.S (2 * n + 1)) by lia. apply power_0.
    + intros z. replace (- (sin z - sin_sum n z)) with (minus (- sin z) (- sin_sum n z)) by (unfold minus, plus, opp; simpl; ring).
      apply (is_derive_minus cos (cos_sum (Datatypes.S n))); [apply derive_cos|apply cos_sum_derive].
    + intros z. replace (2 * Datatypes.S n)%nat with (Datatypes.S (2 * n + 1)) by lia. apply power_derive.
    + intros z Hz. rewrite Rabs_Ropp. now apply S.
Qed.

(** ** An argument halved until it is about 2^-10, and the number of terms *)
Definition size_q (q : Q) : Z := Z.log2 (Z.abs (Qnum q)) - Z.log2 (Zpos (Qden q)).
Definition halvings (q : Q) : nat := Z.to_nat (Z.max 0 (Z.min 30 (10 + size_q q))).
Fixpoint two_to (h : nat) : positive := match h with O => 1 | S h => xO (two_to h) end.
(** the first k from 0 on with 2^(bk)/k! < 2^-target, at most n; any number is sound *)
Fixpoint count_terms (n : nat) (target a b k : Z) : nat :=
  match n with O => O | S n => if Z.ltb (target + k * b) a then O else S (count_terms n target (a + Z.log2 (k + 1)) b (k + 1)) end.
Lemma two_to_ok h : INR (Pos.to_nat (two_to h)) = 2 ^ h.
Proof. induction h as [|h IH]; [reflexivity|]. cbn [two_to pow]. rewrite Pos2Nat.inj_xO, mult_INR, IH. cbn. ring. Qed.
Lemma two_to_positive h : 0 < 2 ^ h. Proof. apply pow_lt. lra. Qed.
Lemma Some_injective {A} (a b : A) : Some a = Some b -> a = b. Proof. congruence. Qed.

Definition half_q : Q := 1 # 2.
Lemma half_q_ok : Q2R half_q = / 2. Proof. unfold half_q, Q2R. cbn. lra. Qed.
Section Functions.
Context {rd : rounding}.
Definition halved (h : nat) (q : Q) : interval := i_over (i_q q) (two_to h).
Lemma halved_ok h q : within (Q2R q / 2 ^ h) (halved h q).
Proof. rewrite <- two_to_ok. apply i_over_ok, i_q_ok. Qed.
(** for an argument of 2^-10 *)
Definition terms : nat := count_terms 1000 (Zpos digits) 0 (-10) 0.
Definition double_terms : nat := S (Nat.div2 terms).
Lemma power_step_ok k x p y : within (power k x) p -> within x y -> within (power (S k) x) (i_over (i_mul p y) (Pos.of_succ_nat k)).
Proof. intros Hp Hy. rewrite power_next, <- (SuccNat2Pos.id_succ k). apply i_over_ok. now apply i_mul_ok. Qed.

(** ** The exponential function *)
(** [p] encloses y^k/k! and [s] the sum of k terms *)
Fixpoint exp_loop (n : nat) (k : positive) (odd : bool) (y p s : interval) : interval * interval :=
  match n with O => (p, s) | S n => exp_loop n (Pos.succ k) (negb odd) y (i_over (i_mul p y) k) (i_step odd s p) end.
Lemma exp_loop_ok x y n : within x y -> forall k p s, within (power k x) p -> within (exp_sum k x) s ->
  let ps := exp_loop n (Pos.of_succ_nat k) (Nat.odd k) y p s in within (power (k + n) x) (fst ps) /\ within (exp_sum (k + n) x) (snd ps).
Proof.
  intros Hy. induction n as [|n IH]; intros k p s Hp Hs; cbn [exp_loop]; cbv zeta; [rewrite Nat.add_0_r; now split|].
  replace (negb (Nat.odd k)) with (Nat.odd (S k)) by (now rewrite Nat.odd_succ, <- Nat.negb_odd). replace (k + S n)%nat with (S k + n)%nat by lia.
  apply (IH (S k)); [now apply power_step_ok|]. now apply (i_step_ok k (exp_sum k x) (power k x)).
Qed.
(** exp(-x) for small x >= 0 *)
Definition exp_small (y : interval) : interval := let ps := exp_loop terms 1 false y (i_q 1) (i_q 0) in spread (snd ps) (snd (fst ps)).
Lemma exp_small_ok x y : 0 <= x -> within x y -> within (exp (- x)) (exp_small y).
Proof.
  intros Hx Hy. unfold exp_small. cbv zeta. destruct (exp_loop_ok x y terms Hy 0 (i_q 1) (i_q 0)) as [P S].
  - rewrite power_zero, <- Q2R_1. apply i_q_ok.
  - change (within 0 (i_q 0)). rewrite <- Q2R_0. apply i_q_ok.
  - apply (spread_ok _ _ _ _ S). eapply Rle_trans; [now apply exp_sum_bound|]. exact (proj2 P).
Qed.
Fixpoint squares (k : nat) (x : interval) : interval := match k with O => x | S k => squares k (i_mul x x) end.
Lemma squares_ok k : forall x p, within (exp x) p -> within (exp (x * 2 ^ k)) (squares k p).
Proof.
  induction k as [|k IH]; intros x p H; cbn [squares pow]; [now rewrite Rmult_1_r|].
  replace (x * (2 * 2 ^ k)) with ((x + x) * 2 ^ k) by ring. apply IH. rewrite exp_plus. now apply i_mul_ok.
Qed.
(** beyond it exp(q) is left unknown and exp(-q) is taken to lie between 0 and exp(-far) *)
Definition far : Q := 65536.
Definition exp_minus (y : Q) : interval := let h := halvings y in squares h (exp_small (halved h y)).
Definition exp_plus_ (y : Q) : option interval := let h := halvings y in match i_inv (exp_small (halved h y)) with Some p => Some (squares h p) | None => None end.
Definition exp_point (q : Q) : option interval :=
  if nonnegative_q q then if qle q far then exp_plus_ q else None
  else Some (if qle (qopp q) far then exp_minus (qopp q) else (0%Q, snd (exp_minus far))).
Lemma halved_small h y : 0 <= Q2R y -> within (exp (- (Q2R y / 2 ^ h))) (exp_small (halved h y)).
Proof. intros H. apply exp_small_ok; [|apply halved_ok]. apply Rmult_le_pos; [exact H|left; apply Rinv_0_lt_compat, two_to_positive]. Qed.
Lemma exp_minus_ok y : 0 <= Q2R y -> within (exp (- Q2R y)) (exp_minus y).
Proof.
  intros H. unfold exp_minus. cbv zeta. generalize (halvings y). intros h. assert (P := two_to_positive h).
  replace (- Q2R y) with (- (Q2R y / 2 ^ h) * 2 ^ h) by (field; lra). apply squares_ok. now apply halved_small.
Qed.
Lemma exp_plus_ok y p : 0 <= Q2R y -> exp_plus_ y = Some p -> within (exp (Q2R y)) p.
Proof.
  intros H. unfold exp_plus_. cbv zeta. generalize (halvings y). intros h. destruct (i_inv _) as [i|] eqn:E; [|easy]. intros [= <-].
  assert (P := two_to_positive h). destruct (i_inv_ok _ _ _ (halved_small h y H) E) as [_ W]. rewrite <- exp_Ropp, Ropp_involutive in W.
  replace (Q2R y) with (Q2R y / 2 ^ h * 2 ^ h) by (field; lra). now apply squares_ok.
Qed.
#[local] Opaque exp_minus exp_plus_.
Lemma beyond y q p : Q2R q <= - Q2R y -> within (exp (- Q2R y)) p -> within (exp (Q2R q)) (0%Q, snd p).
Proof. intros H [_ U]. unfold within. cbn [fst snd]. rewrite Q2R_0. assert (X := exp_pos (Q2R q)). assert (M := exp_mono _ _ H). lra. Qed.
Lemma exp_point_ok q p : exp_point q = Some p -> within (exp (Q2R q)) p.
Proof.
  unfold exp_point. destruct (nonnegative_q q) eqn:E.
  - apply nonnegative_q_ok in E. destruct (qle q far); [|easy]. now apply exp_plus_ok.
  - apply nonnegative_q_false in E. assert (H : 0 <= Q2R (qopp q)) by (rewrite qopp_ok; lra). intros G. apply Some_injective in G. subst p. destruct (qle (qopp q) far) eqn:F.
    + assert (K := exp_minus_ok _ H). now rewrite qopp_ok, Ropp_involutive in K.
    + apply qle_false in F. rewrite qopp_ok in F. apply (beyond far); [lra|]. apply exp_minus_ok. unfold far, Q2R. cbn. lra.
Qed.
#[local] Opaque exp_point.
Definition exp_low (q : Q) : Q := match exp_point q with Some p => fst p | None => 0%Q end.
Definition exp_high (q : Q) : option Q := match exp_point q with Some p => Some (snd p) | None => None end.
Lemma exp_low_ok q : Q2R (exp_low q) <= exp (Q2R q).
Proof. unfold exp_low. destruct (exp_point q) as [p|] eqn:E; [exact (proj1 (exp_point_ok _ _ E))|]. rewrite Q2R_0. left. apply exp_pos. Qed.
Lemma exp_high_ok q u : exp_high q = Some u -> exp (Q2R q) <= Q2R u.
Proof. unfold exp_high. destruct (exp_point q) as [p|] eqn:E; [|easy]. intros [= <-]. exact (proj2 (exp_point_ok _ _ E)). Qed.
(** for an interval of length w <= 1/2: exp(w) <= 1 + w (1 + 2 w) *)
Definition exp_growth (w : Q) : interval := (1%Q, plain_add 1 (mul_up w (plain_add 1 (plain_add w w)))).
Definition i_exp (x : interval) : option interval :=
  match exp_point (fst x) with
  | Some p =>
    let w := width x in
    if Z.eqb (Qnum w) 0 then Some p
    else if qle w half_q then Some (i_mul p (exp_growth w)) else match exp_high (snd x) with Some u => Some (fst p, u) | None => None end
  | None => None end.
Lemma exp_growth_ok d w : 0 <= d -> d <= Q2R w -> Q2R w <= / 2 -> within (exp d) (exp_growth w).
Proof.
  intros H0 Hw Hh. unfold within, exp_growth. cbn [fst snd]. rewrite Q2R_1. split; [rewrite <- exp_0; now apply exp_mono|].
  rewrite plain_add_ok. assert (U := mul_up_ok w (plain_add 1 (plain_add w w))). rewrite !plain_add_ok, Q2R_1 in *.
  assert (L := exp_mono d (Q2R w) Hw). revert L U. generalize (Q2R (mul_up w (plain_add 1 (plain_add w w)))). generalize dependent (Q2R w). intros v Hv Hh u L U.
  assert (K : 1 + - v <= exp (- v)) by (destruct (Req_dec v 0) as [->|N]; [rewrite Ropp_0, exp_0; lra|left; apply exp_ineq1; lra]).
  assert (E : exp v * exp (- v) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0). assert (P := exp_pos v).
  cut (exp v <= 1 + v * (1 + (v + v))); [lra|]. apply (Rmult_le_reg_r (1 - v)); [lra|]. apply (Rle_trans _ 1); nra.
Qed.
Lemma i_exp_ok r x y : within r x -> i_exp x = Some y -> within (exp r) y.
Proof.
  unfold i_exp. destruct (exp_point (fst x)) as [p|] eqn:E; [|easy]. apply exp_point_ok in E. cbv zeta. intros [A B].
  assert (W := width_ok x). destruct (Z.eqb (Qnum (width x)) 0) eqn:Z0.
  - apply Z.eqb_eq in Z0. assert (Q2R (width x) = 0) by (unfold Q2R; rewrite Z0; ring). intros [= <-]. replace r with (Q2R (fst x)) by lra. exact E.
  - destruct (qle (width x) half_q) eqn:H.
    + apply qle_ok in H. rewrite half_q_ok in H. intros [= <-]. replace r with (Q2R (fst x) + (r - Q2R (fst x))) by ring. rewrite exp_plus.
      apply i_mul_ok; [exact E|]. apply exp_growth_ok; lra.
    + destruct (exp_high (snd x)) as [u|] eqn:U; [|easy]. apply exp_high_ok in U. intros [= <-]. unfold within in *. cbn [fst snd].
      assert (M1 := exp_mono _ _ A). assert (M2 := exp_mono _ _ B). lra.
Qed.

(** ** Sine and cosine *)
(** [p] encloses t^(2k)/(2k)!, [c] and [s] the sums of k terms; [j] is 2k + 1 *)
Fixpoint circle_loop (n : nat) (j : positive) (odd : bool) (t p c s : interval) : interval * (interval * interval) :=
  match n with
  | O => (p, (s, c))
  | S n => let p1 := i_over (i_mul p t) j in
           circle_loop n (Pos.succ (Pos.succ j)) (negb odd) t (i_over (i_mul p1 t) (Pos.succ j)) (i_step odd c p) (i_step odd s p1)
  end.
Lemma circle_loop_ok x t n : within x t -> forall k p c s, within (power (2 * k) x) p -> within (cos_sum k x) c -> within (sin_sum k x) s ->
  let r := circle_loop n (Pos.of_succ_nat (2 * k)) (Nat.odd k) t p c s in
  within (power (2 * (k + n)) x) (fst r) /\ within (sin_sum (k + n) x) (fst (snd r)) /\ within (cos_sum (k + n) x) (snd (snd r)).
Proof.
  intros Ht. induction n as [|n IH]; intros k p c s Hp Hc Hs; cbn [circle_loop]; cbv zeta; [rewrite Nat.add_0_r; exact (conj Hp (conj Hs Hc))|].
  assert (P1 := power_step_ok (2 * k) x p t Hp Ht). assert (P2 := power_step_ok _ x _ t P1 Ht).
  replace (negb (Nat.odd k)) with (Nat.odd (S k)) by (now rewrite Nat.odd_succ, <- Nat.negb_odd). replace (k + S n)%nat with (S k + n)%nat by lia.
  replace (S (S (2 * k))) with (2 * S k)%nat in P2 by lia.
  replace (Pos.succ (Pos.succ (Pos.of_succ_nat (2 * k)))) with (Pos.of_succ_nat (2 * S k)) by (replace (2 * S k)%nat with (S (S (2 * k))) by lia; reflexivity).
  apply (IH (S k)); [exact P2| |].
  - exact (i_step_ok k (cos_sum k x) (power (2 * k) x) _ _ Hc Hp).
  - apply (i_step_ok k (sin_sum k x) (power (2 * k + 1) x)); [exact Hs|]. rewrite Nat.add_1_r. exact P1.
Qed.
Definition on_circle (t : R) (p : interval * interval) : Prop := within (sin t) (fst p) /\ within (cos t) (snd p).
Definition circle_small (t : interval) : interval * interval :=
  let r := circle_loop double_terms 1 false t (i_q 1) (i_q 0) (i_q 0) in let e := snd (fst r) in (spread (fst (snd r)) e, spread (snd (snd r)) e).
Lemma circle_small_ok x t : 0 <= x <= 1 -> within x t -> on_circle x (circle_small t).
Proof.
  intros Hx Ht. unfold circle_small. cbv zeta. generalize double_terms. intros n. destruct (circle_loop_ok x t n Ht 0 (i_q 1) (i_q 0) (i_q 0)) as (P & B & C).
  - rewrite power_zero, <- Q2R_1. apply i_q_ok.
  - change (within 0 (i_q 0)). rewrite <- Q2R_0. apply i_q_ok.
  - change (within 0 (i_q 0)). rewrite <- Q2R_0. apply i_q_ok.
  - destruct (cos_sum_bound n x (proj1 Hx)) as [BC BS]. rewrite Nat.add_0_l in *. change (Pos.of_succ_nat (2 * 0)) with 1%positive in *. change (Nat.odd 0) with false in *.
    revert P B C. generalize (circle_loop n 1 false t (i_q 1) (i_q 0) (i_q 0)). intros r P B C. assert (P2 := proj2 P).
    split; cbn [fst snd]; [apply (spread_ok _ _ _ _ B)|apply (spread_ok _ _ _ _ C); exact (Rle_trans _ _ _ BC P2)]. apply (Rle_trans _ _ _ BS), (Rle_trans _ (power (2 * n) x)); [|exact P2]. rewrite Nat.add_1_r, power_next. assert (N := power_nonnegative (2 * n) x (proj1 Hx)).
    assert (I : 1 <= INR (S (2 * n))) by (change 1 with (INR 1); apply le_INR; lia).
    assert (V : / INR (S (2 * n)) <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra). assert (V0 := Rinv_0_lt_compat (INR (S (2 * n))) ltac:(lra)).
    assert (X : x / INR (S (2 * n)) <= 1) by (unfold Rdiv; nra).
    replace (power (2 * n) x * x / INR (S (2 * n))) with (power (2 * n) x * (x / INR (S (2 * n)))) by (unfold Rdiv; ring). nra.
Qed.
Definition double_angle (p : interval * interval) : interval * interval :=
  let m := i_mul (fst p) (snd p) in let q := i_mul (fst p) (fst p) in (i_add m m, i_add (i_q 1) (i_opp (i_add q q))).
Fixpoint doubled (k : nat) (p : interval * interval) : interval * interval := match k with O => p | S k => doubled k (double_angle p) end.
Lemma doubled_ok k : forall t p, on_circle t p -> on_circle (t * 2 ^ k) (doubled k p).
Proof.
  induction k as [|k IH]; intros t p H; cbn [doubled pow]; [now rewrite Rmult_1_r|].
  replace (t * (2 * 2 ^ k)) with (2 * t * 2 ^ k) by ring. apply IH. destruct H as [A B]. split; cbn [double_angle fst snd].
  - rewrite sin_2a. replace (2 * sin t * cos t) with (sin t * cos t + sin t * cos t) by ring. apply i_add_ok; now apply i_mul_ok.
  - rewrite cos_2a_sin. replace (1 - 2 * sin t * sin t) with (1 + - (sin t * sin t + sin t * sin t)) by ring.
    apply i_add_ok; [rewrite <- Q2R_1; apply i_q_ok|]. now apply i_opp_ok, i_add_ok; apply i_mul_ok.
Qed.
Definition circle_positive (y : Q) : option (interval * interval) :=
  let h := halvings y in if qle y (Zpos (two_to h) # 1) then Some (doubled h (circle_small (halved h y))) else None.
Definition circle_point (q : Q) : option (interval * interval) :=
  if nonnegative_q q then circle_positive q else match circle_positive (qopp q) with Some (s, c) => Some (i_opp s, c) | None => None end.
Lemma circle_positive_ok y p : 0 <= Q2R y -> circle_positive y = Some p -> on_circle (Q2R y) p.
Proof.
  intros H. unfold circle_positive. cbv zeta. generalize (halvings y). intros h. destruct (qle y _) eqn:E; [|easy]. apply qle_ok in E. intros [= <-].
  assert (P := two_to_positive h). assert (T : Q2R (Zpos (two_to h) # 1) = 2 ^ h) by (rewrite <- two_to_ok, INR_IPR; unfold Q2R; cbn [Qnum Qden]; unfold IZR at 1; lra).
  rewrite T in E. replace (Q2R y) with (Q2R y / 2 ^ h * 2 ^ h) by (field; lra). apply doubled_ok, circle_small_ok; [|apply halved_ok].
  split; [apply Rmult_le_pos; [exact H|left; now apply Rinv_0_lt_compat]|]. apply (Rmult_le_reg_r (2 ^ h)); [exact P|]. replace (Q2R y / 2 ^ h * 2 ^ h) with (Q2R y) by (field; lra). lra.
Qed.
#[local] Opaque circle_positive.
Lemma circle_point_ok q p : circle_point q = Some p -> on_circle (Q2R q) p.
Proof.
  unfold circle_point. destruct (nonnegative_q q) eqn:E; [apply circle_positive_ok, (nonnegative_q_ok _ E)|]. apply nonnegative_q_false in E.
  destruct (circle_positive (qopp q)) as [[s c]|] eqn:K; [|easy]. apply circle_positive_ok in K; [|rewrite qopp_ok; lra]. rewrite qopp_ok in K. intros [= <-]. destruct K as [S C].
  cbn [fst snd] in *. rewrite sin_neg in S. rewrite cos_neg in C. split; cbn [fst snd]; [|exact C]. rewrite <- (Ropp_involutive (sin _)). now apply i_opp_ok.
Qed.
#[local] Opaque circle_point.
Definition i_sin (x : interval) : option interval := match circle_point (fst x) with Some p => Some (widen x (fst p)) | None => None end.
Definition i_cos (x : interval) : option interval := match circle_point (fst x) with Some p => Some (widen x (snd p)) | None => None end.
Lemma i_sin_ok r x y : within r x -> i_sin x = Some y -> within (sin r) y.
Proof.
  unfold i_sin. destruct (circle_point (fst x)) as [p|] eqn:E; [|intros _ H; discriminate H]. intros Hr [= <-]. apply circle_point_ok in E as [E _].
  apply (widen_ok sin cos); auto; [exact derive_sin|]. intros z. apply Rabs_le. assert (K := COS_bound z). lra.
Qed.
Lemma i_cos_ok r x y : within r x -> i_cos x = Some y -> within (cos r) y.
Proof.
  unfold i_cos. destruct (circle_point (fst x)) as [p|] eqn:E; [|intros _ H; discriminate H]. intros Hr [= <-]. apply circle_point_ok in E as [_ E].
  apply (widen_ok cos (fun z => - sin z)); auto; [exact derive_cos|]. intros z. apply Rabs_le. assert (K := SIN_bound z). lra.
Qed.
End Functions.
Opaque exp_minus exp_plus_ exp_point circle_positive circle_point.
