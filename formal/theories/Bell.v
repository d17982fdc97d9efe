(** * An enclosure of the integral of exp(-u^2) from 0, by its Taylor polynomials with a bound of the remainder; the derivatives of erf and gelu. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Functions Elementary.
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

(** ** Taylor polynomials of the integral *)
Definition bell_term (n : nat) (x : R) : R := x ^ (2 * n + 1) / (INR (fact n) * INR (2 * n + 1)).
Lemma bell_term_derive n x : is_derive (bell_term n) x (power n (x * x)).
Proof.
  unfold power. assert (P := fact_positive n). assert (Q : 0 < INR (2 * n + 1)) by (apply lt_0_INR; lia).
  replace ((x * x) ^ n / INR (fact n)) with (scal (/ (INR (fact n) * INR (2 * n + 1))) (INR (2 * n + 1) * 1 * x ^ pred (2 * n + 1))).
  - apply (is_derive_ext (fun y => scal (/ (INR (fact n) * INR (2 * n + 1))) (y ^ (2 * n + 1)))); [intros t; change (/ (INR (fact n) * INR (2 * n + 1)) * t ^ (2 * n + 1) = bell_term n t); unfold bell_term; field; split; apply Rgt_not_eq; assumption|].
    apply (is_derive_scal (fun y => y ^ (2 * n + 1))). apply (is_derive_pow (fun y => y) (2 * n + 1)). apply @is_derive_id.
  - replace (pred (2 * n + 1)) with (2 * n)%nat by lia. rewrite pow_mult. replace (x ^ 2) with (x * x) by ring.
    change (/ (INR (fact n) * INR (2 * n + 1)) * (INR (2 * n + 1) * 1 * (x * x) ^ n) = (x * x) ^ n / INR (fact n)). field. split; apply Rgt_not_eq; assumption.
Qed.
Definition bell_sum : nat -> R -> R := turns bell_term.
Lemma bell_sum_derive n x : is_derive (bell_sum n) x (exp_sum n (x * x)).
Proof.
  induction n as [|n IH]; [apply @is_derive_const|].
  apply (is_derive_plus (bell_sum n) (fun x => (-1) ^ n * bell_term n x)); [exact IH|]. apply (is_derive_scal (bell_term n)), bell_term_derive.
Qed.
Lemma bell_term_0 n : bell_term n 0 = 0. Proof. unfold bell_term. rewrite pow_i by lia. unfold Rdiv. ring. Qed.
Lemma bell_sum_bound n x : 0 <= x -> Rabs (bell_integral x - bell_sum n x) <= bell_term n x.
Proof.
  intros Hx. apply (slope_compare (fun z => bell_integral z - bell_sum n z) (bell_term n) (fun z => bell z - exp_sum n (z * z)) (fun z => power n (z * z)) x Hx).
  - unfold bell_sum. rewrite bell_integral_0, turns_0; [ring|exact bell_term_0].
  - apply bell_term_0.
  - intros z. apply (is_derive_minus bell_integral (bell_sum n)); [apply bell_integral_derive|apply bell_sum_derive].
  - intros z. apply bell_term_derive.
  - intros z _. apply exp_sum_bound. nra.
Qed.

Section Bell.
Context {rd : rounding}.
(** ** The enclosure: [p] encloses x^(2k+1)/k! and [s] the sum of k terms, [y] is x^2 *)
Fixpoint bell_loop (n : nat) (k : positive) (odd : bool) (y p s : interval) : interval * interval :=
  match n with
  | O => (p, s)
  | S n => bell_loop n (Pos.succ k) (negb odd) y (i_over (i_mul p y) k) (i_step odd s (i_over p (Pos.pred_double k)))
  end.
(** at most 160 terms (up to about x = 6), for x^2 <= 2^b *)
Definition bell_terms (x : Q) : nat := count_terms 160 (Zpos digits - 40) 0 (2 * (size_q x + 1)) 0.
Definition bell_positive (x : Q) : interval :=
  let ps := bell_loop (bell_terms x) 1 false (i_mul (i_q x) (i_q x)) (i_mul (i_q 1) (i_q x)) (i_q 0) in spread (snd ps) (snd (fst ps)).
Definition bell_point (x : Q) : interval := if nonnegative_q x then bell_positive x else i_opp (bell_positive (qopp x)).
Definition i_bell (x : interval) : interval := widen x (bell_point (fst x)).

Lemma bell_loop_ok x y n : within (x * x) y -> forall k p s, within (x ^ (2 * k + 1) / INR (fact k)) p -> within (bell_sum k x) s ->
  let ps := bell_loop n (Pos.of_succ_nat k) (Nat.odd k) y p s in
  within (x ^ (2 * (k + n) + 1) / INR (fact (k + n))) (fst ps) /\ within (bell_sum (k + n) x) (snd ps).
Proof.
  intros Hy. induction n as [|n IH]; intros k p s Hp Hs; cbn [bell_loop]; cbv zeta; [rewrite Nat.add_0_r; now split|].
  assert (F := fact_positive k). assert (S1 : 0 < INR (2 * k + 1)) by (apply lt_0_INR; lia). assert (S2 : 0 < INR (S k)) by (apply lt_0_INR; lia).
  replace (negb (Nat.odd k)) with (Nat.odd (S k)) by (now rewrite Nat.odd_succ, <- Nat.negb_odd).
  replace (k + S n)%nat with (S k + n)%nat by lia. apply (IH (S k)).
  - replace (x ^ (2 * S k + 1) / INR (fact (S k))) with (x ^ (2 * k + 1) / INR (fact k) * (x * x) / INR (Pos.to_nat (Pos.of_succ_nat k))).
    + apply i_over_ok. now apply i_mul_ok.
    + rewrite SuccNat2Pos.id_succ, fact_simpl, mult_INR. replace (2 * S k + 1)%nat with (2 + (2 * k + 1))%nat by lia.
      rewrite (pow_add _ 2). cbn [pow]. field. split; apply Rgt_not_eq; assumption.
  - apply (i_step_ok k (bell_sum k x) (bell_term k x)); [exact Hs|].
    replace (bell_term k x) with (x ^ (2 * k + 1) / INR (fact k) / INR (Pos.to_nat (Pos.pred_double (Pos.of_succ_nat k)))); [now apply i_over_ok|].
    replace (Pos.to_nat (Pos.pred_double (Pos.of_succ_nat k))) with (2 * k + 1)%nat by lia. unfold bell_term. field. split; apply Rgt_not_eq; assumption.
Qed.
Lemma bell_positive_ok x : 0 <= Q2R x -> within (bell_integral (Q2R x)) (bell_positive x).
Proof.
  intros Hx. unfold bell_positive. cbv zeta. generalize (bell_terms x). intros n.
  destruct (bell_loop_ok (Q2R x) _ n (i_mul_ok _ _ _ _ (i_q_ok x) (i_q_ok x)) 0 (i_mul (i_q 1) (i_q x)) (i_q 0)) as [P B].
  - replace (Q2R x ^ (2 * 0 + 1) / INR (fact 0)) with (Q2R 1 * Q2R x) by (rewrite Q2R_1; cbn; field). apply i_mul_ok; apply i_q_ok.
  - change (within 0 (i_q 0)). rewrite <- Q2R_0. apply i_q_ok.
  - rewrite Nat.add_0_l in *. apply (spread_ok _ _ _ _ B), (Rle_trans _ _ _ (bell_sum_bound n _ Hx)). apply (Rle_trans _ (Q2R x ^ (2 * n + 1) / INR (fact n))); [|exact (proj2 P)].
    assert (F := fact_positive n). assert (N : 1 <= INR (2 * n + 1)) by (change 1 with (INR 1); apply le_INR; lia).
    assert (X : 0 <= Q2R x ^ (2 * n + 1) / INR (fact n)) by (apply Rmult_le_pos; [now apply pow_le|left; now apply Rinv_0_lt_compat]).
    unfold bell_term. replace (Q2R x ^ (2 * n + 1) / (INR (fact n) * INR (2 * n + 1))) with (Q2R x ^ (2 * n + 1) / INR (fact n) * / INR (2 * n + 1)) by (field; lra).
    assert (/ INR (2 * n + 1) <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra). nra.
Qed.
Lemma bell_point_ok x : within (bell_integral (Q2R x)) (bell_point x).
Proof.
  unfold bell_point. destruct (nonnegative_q x) eqn:E; [apply bell_positive_ok, (nonnegative_q_ok _ E)|]. apply nonnegative_q_false in E.
  rewrite <- (Ropp_involutive (bell_integral (Q2R x))), <- bell_integral_odd. apply i_opp_ok. rewrite <- qopp_ok. apply bell_positive_ok. rewrite qopp_ok. lra.
Qed.
Lemma i_bell_ok r x : within r x -> within (bell_integral r) (i_bell x).
Proof. intros H. apply (widen_ok bell_integral bell); auto; [apply bell_integral_derive|apply bell_slope|apply bell_point_ok]. Qed.
End Bell.
