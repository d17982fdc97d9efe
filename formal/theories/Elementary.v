(** * Rational enclosures of logarithm, square root and arctangent (a guess that is checked), and of pi. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals.
From SimCert Require Export Intervals TaylorSums.
Local Open Scope R_scope.

(** ** Logarithm: Newton's method guesses, the exponential decides *)
Fixpoint newton_ln {rd : rounding} (n : nat) (y l : Q) : Q :=
  match n with O => l | S n => newton_ln n y (down (plain_add (plain_add l (-1 # 1)) (if nonnegative_q l then down (Qmult y (Qinv (exp_low l))) else mul_down y (exp_low (qopp l))))) end.
(** with few digits first: every step doubles those that are right *)
Definition few : rounding := to_bits 64.
Definition some : rounding := to_bits 160.
Section Elementary.
Context {rd : rounding}.
Definition ln_guess (y : Q) : Q :=
  newton_ln (Z.to_nat (Z.log2 (Zpos digits / 160) + 1)) y (newton_ln (rd := some) 2 y (newton_ln (rd := few) 6 y (qmul (inject_Z (size_q y)) (693 # 1000)))).
Definition margin (l : Q) : Q := mul_up (Qmake (2 ^ 50) bits) (plain_add 1 (mul_up l l)).
(** the upper end by ln(b) <= ln(a) + (b - a)/a *)
Definition i_ln (x : interval) : option interval :=
  if positive_q (fst x) then
    let l := ln_guess (fst x) in let h := plain_add l (mul_up (width x) (up (Qinv (fst x)))) in
    let low := plain_add l (qopp (margin l)) in let high := up (plain_add h (margin h)) in
    match exp_high low with
    | Some u => if qle u (fst x) && qle (snd x) (exp_low high) then Some (low, high) else None
    | None => None end
  else None.
Lemma ln_mono a b : 0 < a -> a <= b -> ln a <= ln b.
Proof. intros H [K| ->]; [left; now apply ln_increasing|right; reflexivity]. Qed.
Lemma i_ln_ok r x y : within r x -> i_ln x = Some y -> 0 < r /\ within (ln r) y.
Proof.
  unfold within, i_ln. intros [A B]. destruct (positive_q (fst x)) eqn:E; [|easy]. apply positive_q_ok in E. cbv zeta. generalize (ln_guess (fst x)). intros l.
  set (low := plain_add _ (qopp _)). set (high := up _). destruct (exp_high low) as [u|] eqn:Eu; [|easy].
  destruct (qle u (fst x) && qle (snd x) (exp_low high))%bool eqn:K; [|easy]. apply andb_prop in K as [K1 K2].
  apply qle_ok in K1, K2. apply exp_high_ok in Eu. assert (L := exp_low_ok high). intros [= <-]. cbn [fst snd]. split; [lra|].
  rewrite <- (ln_exp (Q2R low)), <- (ln_exp (Q2R high)). assert (P := exp_pos (Q2R low)). split; apply ln_mono; lra.
Qed.

(** ** Square root: squares decide *)
Definition sqrt_guess (q : Q) : Q := Qmake (Z.sqrt (quotient (Zpos bits * (Zpos bits * Qnum q)) (Qden q))) bits.
Definition i_sqrt (x : interval) : option interval :=
  let low := sqrt_guess (fst x) in let high := plain_add (sqrt_guess (snd x)) (1 # bits) in
  if positive_q (fst x) && qle (mul_up low low) (fst x) && qle (snd x) (mul_down high high) && positive_q high then Some (low, high) else None.
Lemma i_sqrt_ok r x y : within r x -> i_sqrt x = Some y -> 0 < r /\ within (sqrt r) y.
Proof.
  unfold within, i_sqrt. cbv zeta. set (low := sqrt_guess _). set (high := plain_add _ _). intros [A B].
  destruct (positive_q (fst x) && _ && _ && _)%bool eqn:K; [|easy]. apply andb_prop in K as [[[K1 K2]%andb_prop K3]%andb_prop K4].
  apply positive_q_ok in K1, K4. apply qle_ok in K2, K3. assert (L := mul_up_ok low low). assert (H := mul_down_ok high high). intros [= <-]. cbn [fst snd].
  assert (P := sqrt_lt_R0 r ltac:(lra)). assert (S := sqrt_sqrt r ltac:(lra)). split; [lra|]. split; nra.
Qed.

(** ** Arctangent: |atan q - t| <= |q - tan t| for t between -pi/2 and pi/2; t is found by t + sin (atan q - t) *)
Definition middle (x : interval) : Q := mul_down half_q (plain_add (fst x) (snd x)).
Fixpoint atan_steps (n : nat) (q root t : Q) : Q :=
  match n with
  | O => t
  | S n => match circle_point t with
           | Some (s, c) => atan_steps n q root (down (plain_add t (mul_down (plain_add (mul_down q (middle c)) (qopp (middle s))) root)))
           | None => t end
  end.
Definition atan_guess (q : Q) : Q := atan_steps 6 q (down (Qinv (sqrt_guess (plain_add 1 (mul_up q q))))) 0%Q.
Definition atan_point (q : Q) : option interval :=
  let t := atan_guess q in
  match circle_point t with
  | Some (s, c) =>
    match i_inv c with
    | Some v => let d := i_add (i_q q) (i_opp (i_mul s v)) in
                if qle t (3 # 1) && qle (-3 # 1) t then Some (spread (i_q t) (qmax (qopp (fst d)) (snd d))) else None
    | None => None end
  | None => None end.
Definition i_atan (x : interval) : option interval := match atan_point (fst x) with Some p => Some (widen x p) | None => None end.
(** a function, so that programs do not compute it when they start *)
Definition i_pi (one : Q) : option interval := match atan_point one with Some p => Some (i_mul (i_q 4) p) | None => None end.
Lemma derive_atan z : is_derive atan z (/ (1 + z * z)). Proof. auto_derive; [exact I|]. field. nra. Qed.
Lemma atan_slope z : Rabs (/ (1 + z * z)) <= 1.
Proof.
  assert (0 < / (1 + z * z)) by (apply Rinv_0_lt_compat; nra). rewrite Rabs_pos_eq by lra.
  rewrite <- Rinv_1. apply Rinv_le_contravar; [lra|nra].
Qed.
Lemma half_turn t : -3 <= t <= 3 -> 0 < cos t -> - (PI / 2) < t < PI / 2.
Proof.
  intros H C. assert (P := PI2_3_2). split.
  - destruct (Rlt_le_dec (- (PI / 2)) t) as [|N]; [assumption|]. rewrite <- cos_neg in C. assert (K := cos_le_0 (- t) ltac:(lra) ltac:(lra)). lra.
  - destruct (Rlt_le_dec t (PI / 2)) as [|N]; [assumption|]. assert (K := cos_le_0 t ltac:(lra) ltac:(lra)). lra.
Qed.
Lemma atan_point_ok q p : atan_point q = Some p -> within (atan (Q2R q)) p.
Proof.
  unfold atan_point. cbv zeta. generalize (atan_guess q). intros t. destruct (circle_point t) as [[s c]|] eqn:E; [|easy]. apply circle_point_ok in E as [S C].
  cbn [fst snd] in S, C. destruct (i_inv c) as [v|] eqn:Ev; [|easy]. destruct (i_inv_ok _ _ _ C Ev) as [P V].
  assert (D : within (Q2R q + - tan (Q2R t)) (i_add (i_q q) (i_opp (i_mul s v)))).
  { apply i_add_ok; [apply i_q_ok|]. apply i_opp_ok. unfold tan, Rdiv. now apply i_mul_ok. }
  revert D. generalize (i_add (i_q q) (i_opp (i_mul s v))). intros d D. destruct (qle t (3 # 1) && qle (-3 # 1) t)%bool eqn:K; [|easy]. apply andb_prop in K as [K1 K2].
  apply qle_ok in K1, K2. assert (Q2R (3 # 1) = 3) as E3 by (unfold Q2R; cbn; lra). assert (Q2R (-3 # 1) = -3) as E3' by (unfold Q2R; cbn; lra).
  rewrite E3 in K1. rewrite E3' in K2. clear E3 E3'.
  destruct (qmax_ok (qopp (fst d)) (snd d)) as [M1 M2]. rewrite qopp_ok in M1. revert M1 M2. generalize (qmax (qopp (fst d)) (snd d)).
  intros e M1 M2. unfold within in D. intros [= <-]. apply (spread_ok _ (Q2R t) _ _ (i_q_ok t)).
  assert (L := slope_bound atan _ (tan (Q2R t)) (Q2R q) derive_atan atan_slope). rewrite atan_tan in L by (now apply half_turn; [|lra]).
  apply (Rle_trans _ _ _ L), Rabs_le. lra.
Qed.
#[local] Opaque atan_point.
Lemma i_atan_ok r x y : within r x -> i_atan x = Some y -> within (atan r) y.
Proof.
  unfold i_atan. destruct (atan_point (fst x)) as [p|] eqn:E; [|intros _ H; discriminate H]. intros Hr [= <-].
  apply (widen_ok atan (fun z => / (1 + z * z))); auto; [exact derive_atan|exact atan_slope|now apply atan_point_ok].
Qed.
Lemma i_pi_ok one y : Q2R one = 1 -> i_pi one = Some y -> within PI y.
Proof.
  unfold i_pi. intros H1. destruct (atan_point one) as [p|] eqn:E; [|intros H; discriminate H]. intros [= <-].
  apply atan_point_ok in E. rewrite H1, atan_1 in E. replace PI with (Q2R 4 * (PI / 4)) by (unfold Q2R; cbn; field).
  apply i_mul_ok; [apply i_q_ok|exact E].
Qed.
End Elementary.
Opaque atan_point.
