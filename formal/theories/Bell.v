(** * An enclosure of the integral of exp(-u^2) from 0, by its Taylor polynomials with a bound of the remainder; the derivatives of erf and gelu. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Functions Intervals Elementary.
Local Open Scope R_scope.

Definition bell (u : R) : R := exp (- (u * u)).
Definition bell_integral (x : R) : R := RInt bell 0 x.
Lemma bell_derive z : is_derive bell z (- (2 * z) * bell z).
Proof. unfold bell. auto_derive; [exact I|ring]. Qed.
Lemma bell_continuous z : continuous bell z.
Proof. apply (ex_derive_continuous bell). exists (- (2 * z) * bell z). apply bell_derive. Qed.
Lemma bell_integral_derive x : is_derive bell_integral x (bell x).
Proof.
  unfold bell_integral. apply (is_derive_RInt bell _ 0 x); [|apply bell_continuous].
  exists (mkposreal 1 Rlt_0_1). intros b _. apply (@RInt_correct R_CompleteNormedModule), (@ex_RInt_continuous R_CompleteNormedModule). intros z _. apply bell_continuous.
Qed.
Lemma bell_integral_0 : bell_integral 0 = 0. Proof. unfold bell_integral. now rewrite RInt_point. Qed.
Lemma bell_slope z : Rabs (bell z) <= 1.
Proof.
  unfold bell. rewrite Rabs_pos_eq by (left; apply exp_pos). assert (K := exp_mono (- (z * z)) 0 ltac:(nra)). rewrite exp_0 in K. exact K.
Qed.
Lemma bell_integral_odd x : bell_integral (- x) = - bell_integral x.
Proof.
  assert (G : forall x, 0 <= x -> bell_integral (- x) = - bell_integral x).
  { clear x. intros x Hx. cut (Rabs (bell_integral x + bell_integral (- x)) <= 0).
    - intros K. assert (P := Rabs_pos (bell_integral x + bell_integral (- x))). destruct (Req_dec (bell_integral x + bell_integral (- x)) 0) as [E|E]; [lra|].
      apply Rabs_no_R0 in E. lra.
    - apply (slope_compare (fun z => bell_integral z + bell_integral (- z)) (fun _ => 0) (fun _ => 0) (fun _ => 0) x Hx).
      + rewrite Ropp_0, bell_integral_0. ring.
      + reflexivity.
      + intros z. replace 0 with (plus (bell z) (scal (-1) (bell (- z)))).
        * apply (is_derive_plus bell_integral (fun z => bell_integral (- z))); [apply bell_integral_derive|].
          apply (is_derive_comp bell_integral (fun z => - z)); [apply bell_integral_derive|]. auto_derive; [exact I|ring].
        * unfold plus, scal; simpl; unfold mult; simpl. unfold bell. replace (- z * - z) with (z * z) by ring. ring.
      + intros z. apply @is_derive_const.
      + intros z _. rewrite Rabs_R0. lra. }
  destruct (Rle_dec 0 x) as [H|H]; [now apply G|]. assert (K := G (- x) ltac:(lra)). rewrite Ropp_involutive in K. lra.
Qed.

(** ** Taylor polynomials of exp(-y), y >= 0, and of the integral *)
Fixpoint exp_sum (n : nat) (y : R) : R := match n with O => 0 | S n => exp_sum n y + (-1) ^ n * (y ^ n / INR (fact n)) end.
Fixpoint bell_sum (n : nat) (x : R) : R := match n with O => 0 | S n => bell_sum n x + (-1) ^ n * (x ^ (2 * n + 1) / (INR (fact n) * INR (2 * n + 1))) end.
Lemma fact_positive n : 0 < INR (fact n). Proof. apply lt_0_INR, lt_O_fact. Qed.
Lemma power_derive n y : is_derive (fun y => y ^ S n / INR (fact (S n))) y (y ^ n / INR (fact n)).
Proof.
  assert (P := fact_positive n). assert (Q : 0 < INR (S n)) by (apply lt_0_INR; lia).
  replace (y ^ n / INR (fact n)) with (scal (/ INR (fact (S n))) (INR (S n) * 1 * y ^ n)).
  - apply (is_derive_ext (fun y => scal (/ INR (fact (S n))) (y ^ S n))); [intros t; unfold scal; simpl; unfold mult; simpl; field; apply Rgt_not_eq, (fact_positive (S n))|].
    apply (is_derive_scal (fun y => y ^ S n)). apply (is_derive_pow (fun y => y) (S n)). apply @is_derive_id.
  - rewrite fact_simpl, mult_INR. unfold scal; simpl; unfold mult; simpl. change (match n with O => 1 | S _ => INR n + 1 end) with (INR (S n)). field. split; lra.
Qed.
Lemma exp_sum_derive n y : is_derive (exp_sum (S n)) y (- exp_sum n y).
Proof.
  induction n as [|n IH].
  - cbn [exp_sum]. rewrite Ropp_0. apply (is_derive_ext (fun _ => 1)); [intros t; cbn; field|]. apply @is_derive_const.
  - apply (is_derive_ext (fun y => exp_sum (S n) y + (-1) ^ S n * (y ^ S n / INR (fact (S n))))); [reflexivity|].
    replace (- exp_sum (S n) y) with (- exp_sum n y + (-1) ^ S n * (y ^ n / INR (fact n))) by (cbn [exp_sum pow]; ring).
    apply (is_derive_plus (exp_sum (S n))); [exact IH|]. apply (is_derive_scal (fun y => y ^ S n / INR (fact (S n)))), power_derive.
Qed.
Lemma exp_sum_0 n : exp_sum (S n) 0 = 1.
Proof. induction n as [|n IH]; [cbn; field|]. change (exp_sum (S n) 0 + (-1) ^ S n * (0 ^ S n / INR (fact (S n))) = 1). rewrite IH, pow_i by lia. field. apply Rgt_not_eq, fact_positive. Qed.
Lemma exp_sum_bound n : forall y, 0 <= y -> Rabs (exp (- y) - exp_sum n y) <= y ^ n / INR (fact n).
Proof.
  induction n as [|n IH]; intros y Hy.
  - change (Rabs (exp (- y) - 0) <= 1 / 1). assert (P := exp_pos (- y)). assert (K := exp_mono (- y) 0 ltac:(lra)). rewrite exp_0 in K.
    rewrite Rminus_0_r, Rabs_pos_eq; lra.
  - apply (slope_compare (fun y => exp (- y) - exp_sum (S n) y) (fun y => y ^ S n / INR (fact (S n))) (fun y => - (exp (- y) - exp_sum n y)) (fun y => y ^ n / INR (fact n)) y Hy).
    + rewrite exp_sum_0, Ropp_0, exp_0. ring.
    + rewrite pow_i by lia. field. apply Rgt_not_eq, fact_positive.
    + intros z. replace (- (exp (- z) - exp_sum n z)) with (minus (- exp (- z)) (- exp_sum n z)) by (unfold minus, plus, opp; simpl; ring).
      apply (is_derive_minus (fun y => exp (- y)) (exp_sum (S n))); [auto_derive; [exact I|ring]|apply exp_sum_derive].
    + intros z. apply power_derive.
    + intros z Hz. rewrite Rabs_Ropp. now apply IH.
Qed.
Definition bell_term (n : nat) (x : R) : R := x ^ (2 * n + 1) / (INR (fact n) * INR (2 * n + 1)).
Lemma bell_term_derive n x : is_derive (bell_term n) x ((x * x) ^ n / INR (fact n)).
Proof.
  assert (P := fact_positive n). assert (Q : 0 < INR (2 * n + 1)) by (apply lt_0_INR; lia).
  replace ((x * x) ^ n / INR (fact n)) with (scal (/ (INR (fact n) * INR (2 * n + 1))) (INR (2 * n + 1) * 1 * x ^ pred (2 * n + 1))).
  - apply (is_derive_ext (fun y => scal (/ (INR (fact n) * INR (2 * n + 1))) (y ^ (2 * n + 1)))); [intros t; change (/ (INR (fact n) * INR (2 * n + 1)) * t ^ (2 * n + 1) = bell_term n t); unfold bell_term; field; split; apply Rgt_not_eq; assumption|].
    apply (is_derive_scal (fun y => y ^ (2 * n + 1))). apply (is_derive_pow (fun y => y) (2 * n + 1)). apply @is_derive_id.
  - replace (pred (2 * n + 1)) with (2 * n)%nat by lia. rewrite pow_mult. replace (x ^ 2) with (x * x) by ring.
    change (/ (INR (fact n) * INR (2 * n + 1)) * (INR (2 * n + 1) * 1 * (x * x) ^ n) = (x * x) ^ n / INR (fact n)). field. split; apply Rgt_not_eq; assumption.
Qed.
Lemma bell_sum_derive n x : is_derive (bell_sum n) x (exp_sum n (x * x)).
Proof.
  induction n as [|n IH]; [apply @is_derive_const|].
  apply (is_derive_plus (bell_sum n) (fun x => (-1) ^ n * bell_term n x)); [exact IH|]. apply (is_derive_scal (bell_term n)), bell_term_derive.
Qed.
Lemma bell_sum_0 n : bell_sum n 0 = 0.
Proof.
  induction n as [|n IH]; [reflexivity|]. cbn [bell_sum]. rewrite IH, pow_i by lia. field.
  split; apply Rgt_not_eq; [apply lt_0_INR; lia|apply fact_positive].
Qed.
Lemma bell_sum_bound n x : 0 <= x -> Rabs (bell_integral x - bell_sum n x) <= bell_term n x.
Proof.
  intros Hx. apply (slope_compare (fun z => bell_integral z - bell_sum n z) (bell_term n) (fun z => bell z - exp_sum n (z * z)) (fun z => (z * z) ^ n / INR (fact n)) x Hx).
  - rewrite bell_integral_0, bell_sum_0. ring.
  - unfold bell_term. rewrite pow_i by lia. unfold Rdiv. ring.
  - intros z. apply (is_derive_minus bell_integral (bell_sum n)); [apply bell_integral_derive|apply bell_sum_derive].
  - intros z. apply bell_term_derive.
  - intros z _. apply exp_sum_bound. nra.
Qed.

(** ** The enclosure: [p] encloses x^(2k+1)/k! and [s] the sum of k terms, [y] is x^2 *)
Fixpoint bell_loop (n : nat) (k : positive) (odd : bool) (y : Q) (p s : interval) : interval * interval :=
  match n with
  | O => (p, s)
  | S n =>
    let t := i_mul p (i_q (1 # (2 * k - 1))) in
    bell_loop n (Pos.succ k) (negb odd) y (i_mul p (i_q (qmul y (1 # k)))) (i_add s (if odd then i_opp t else t))
  end.
(** enough terms for thirty digits up to about x = 5 *)
Definition bell_terms (x : Q) : nat := 30 + 4 * Z.to_nat (Z.min 30 (Qnum x * Qnum x / (Zpos (Qden x) * Zpos (Qden x)) + 1)).
Definition bell_positive (x : Q) : interval :=
  let ps := bell_loop (bell_terms x) 1 false (qmul x x) (i_q x) (i_q 0) in
  (qadd (fst (snd ps)) (qopp (snd (fst ps))), qadd (snd (snd ps)) (snd (fst ps))).
Definition bell_point (x : Q) : interval := if positive_q x then bell_positive x else i_opp (bell_positive (qopp x)).
Definition i_bell (x : interval) : interval := widen x (bell_point (fst x)).

Lemma q_fraction k : Q2R (1 # k) = / INR (Pos.to_nat k).
Proof. unfold Q2R. cbn [Qnum Qden]. rewrite INR_IPR. unfold IZR at 2. unfold IZR at 1, IPR. lra. Qed.
Lemma minus_one_power k : (-1) ^ k = if Nat.odd k then -1 else 1.
Proof. induction k as [|k IH]; [reflexivity|]. cbn [pow]. rewrite IH, Nat.odd_succ, <- Nat.negb_odd. destruct (Nat.odd k); cbn; ring. Qed.
Lemma bell_loop_ok x n : forall k p s y, y = qmul x x ->
  within (Q2R x ^ (2 * k + 1) / INR (fact k)) p -> within (bell_sum k (Q2R x)) s ->
  let ps := bell_loop n (Pos.of_succ_nat k) (Nat.odd k) y p s in
  within (Q2R x ^ (2 * (k + n) + 1) / INR (fact (k + n))) (fst ps) /\ within (bell_sum (k + n) (Q2R x)) (snd ps).
Proof.
  induction n as [|n IH]; intros k p s y -> Hp Hs; cbn [bell_loop]; cbv zeta; [rewrite Nat.add_0_r; now split|].
  assert (F := fact_positive k). assert (S1 : 0 < INR (2 * k + 1)) by (apply lt_0_INR; lia). assert (S2 : 0 < INR (S k)) by (apply lt_0_INR; lia).
  assert (K : Pos.succ (Pos.of_succ_nat k) = Pos.of_succ_nat (S k)) by reflexivity.
  rewrite K. replace (negb (Nat.odd k)) with (Nat.odd (S k)) by (now rewrite Nat.odd_succ, <- Nat.negb_odd).
  replace (k + S n)%nat with (S k + n)%nat by lia. apply (IH (S k)); [reflexivity| |].
  - replace (Q2R x ^ (2 * S k + 1) / INR (fact (S k))) with (Q2R x ^ (2 * k + 1) / INR (fact k) * Q2R (qmul (qmul x x) (1 # Pos.of_succ_nat k))).
    + apply i_mul_ok; [exact Hp|apply i_q_ok].
    + rewrite !qmul_ok, q_fraction, SuccNat2Pos.id_succ, fact_simpl, mult_INR. replace (2 * S k + 1)%nat with (2 + (2 * k + 1))%nat by lia.
      rewrite (pow_add _ 2). cbn [pow]. field. split; apply Rgt_not_eq; assumption.
  - cbn [bell_sum]. apply i_add_ok; [exact Hs|]. rewrite minus_one_power.
    assert (T : within (Q2R x ^ (2 * k + 1) / (INR (fact k) * INR (2 * k + 1))) (i_mul p (i_q (1 # (2 * Pos.of_succ_nat k - 1))))).
    { replace (Q2R x ^ (2 * k + 1) / (INR (fact k) * INR (2 * k + 1))) with (Q2R x ^ (2 * k + 1) / INR (fact k) * Q2R (1 # (2 * Pos.of_succ_nat k - 1))).
      - apply i_mul_ok; [exact Hp|apply i_q_ok].
      - rewrite q_fraction. replace (Pos.to_nat (2 * Pos.of_succ_nat k - 1)) with (2 * k + 1)%nat by lia. field. split; apply Rgt_not_eq; assumption. }
    destruct (Nat.odd k).
    + replace (-1 * (Q2R x ^ (2 * k + 1) / (INR (fact k) * INR (2 * k + 1)))) with (- (Q2R x ^ (2 * k + 1) / (INR (fact k) * INR (2 * k + 1)))) by ring. now apply i_opp_ok.
    + now rewrite Rmult_1_l.
Qed.
Lemma bell_positive_ok x : 0 <= Q2R x -> within (bell_integral (Q2R x)) (bell_positive x).
Proof.
  intros Hx. unfold bell_positive. cbv zeta.
  destruct (bell_loop_ok x (bell_terms x) 0 (i_q x) (i_q 0) (qmul x x) eq_refl) as [P S].
  - replace (Q2R x ^ (2 * 0 + 1) / INR (fact 0)) with (Q2R x) by (cbn; field). apply i_q_ok.
  - cbn [bell_sum]. rewrite <- Q2R_0. apply i_q_ok.
  - assert (B := bell_sum_bound (bell_terms x) _ Hx). rewrite Nat.add_0_l in P, S. change (Pos.of_succ_nat 0) with 1%positive in *. change (Nat.odd 0) with false in *.
    generalize dependent (bell_loop (bell_terms x) 1 false (qmul x x) (i_q x) (i_q 0)). intros ps P S. generalize dependent (bell_terms x). intros n B P S.
    assert (T : bell_term n (Q2R x) <= Q2R x ^ (2 * n + 1) / INR (fact n)).
    { assert (F := fact_positive n). assert (N : 1 <= INR (2 * n + 1)) by (change 1 with (INR 1); apply le_INR; lia).
      assert (X : 0 <= Q2R x ^ (2 * n + 1) / INR (fact n)) by (apply Rmult_le_pos; [now apply pow_le|left; now apply Rinv_0_lt_compat]).
      unfold bell_term. replace (Q2R x ^ (2 * n + 1) / (INR (fact n) * INR (2 * n + 1))) with (Q2R x ^ (2 * n + 1) / INR (fact n) * / INR (2 * n + 1)) by (field; lra).
      assert (/ INR (2 * n + 1) <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra). nra. }
    unfold within in *. cbn [fst snd]. rewrite !qadd_ok, qopp_ok. apply Rabs_le_between in B. lra.
Qed.
Lemma bell_point_ok x : within (bell_integral (Q2R x)) (bell_point x).
Proof.
  unfold bell_point. destruct (positive_q x) eqn:E.
  - apply bell_positive_ok. left. now apply positive_q_ok.
  - assert (H : Q2R x <= 0).
    { unfold positive_q in E. apply Z.ltb_ge in E. assert (S := q_sign x). destruct (Qnum x); [lra|lia|lra]. }
    rewrite <- (Ropp_involutive (bell_integral (Q2R x))), <- bell_integral_odd. apply i_opp_ok. rewrite <- qopp_ok. apply bell_positive_ok. rewrite qopp_ok. lra.
Qed.
Lemma i_bell_ok r x : within r x -> within (bell_integral r) (i_bell x).
Proof. intros H. apply (widen_ok bell_integral bell); auto; [apply bell_integral_derive|apply bell_slope|apply bell_point_ok]. Qed.
