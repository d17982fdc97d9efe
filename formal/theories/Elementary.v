(** * Rational enclosures of sine and cosine (by doubling a tiny angle), logarithm, square root and arctangent (a guess that is
    checked), pi, and the integral of exp(-u^2) (its Taylor polynomials). *)
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
(** an enclosure at the left end, widened by the length *)
Definition widen (x p : interval) : interval :=
  let w := qadd (snd x) (qopp (fst x)) in (qadd (fst p) (qopp w), qadd (snd p) w).
Lemma widen_ok (F F' : R -> R) r x p : (forall z, is_derive F z (F' z)) -> (forall z, Rabs (F' z) <= 1) ->
  within r x -> within (F (Q2R (fst x))) p -> within (F r) (widen x p).
Proof.
  intros H B [A1 A2] [P1 P2]. unfold within, widen. cbn [fst snd]. rewrite !qadd_ok, !qopp_ok, !qadd_ok, !qopp_ok.
  assert (K := slope_bound F F' (Q2R (fst x)) r H B). rewrite (Rabs_pos_eq (r - Q2R (fst x))) in K by lra. apply Rabs_le_between in K. lra.
Qed.

(** ** Sine and cosine *)
(** sin t is in t [1 - t^2, 1] for |t| <= 1 *)
Definition sine_tiny (t : Q) : interval := i_mul (i_q t) (qadd 1 (qopp (qmul t t)), 1%Q).
Definition one_minus_twice_square (x : interval) : interval := let p := i_mul x x in i_add (i_q 1) (i_opp (i_add p p)).
Definition double_angle (p : interval * interval) : interval * interval :=
  let m := i_mul (fst p) (snd p) in (i_add m m, one_minus_twice_square (fst p)).
Fixpoint doubled (k : nat) (p : interval * interval) : interval * interval := match k with O => p | S k => doubled k (double_angle p) end.
Definition half_q : Q := 1 # 2.
Definition circle_point (q : Q) : option (interval * interval) :=
  let t := tiny q in
  if qle (qmul t t) 1 then Some (doubled steps (sine_tiny t, one_minus_twice_square (sine_tiny (qmul half_q t)))) else None.

Lemma sine_quotient t : Rabs t <= 1 -> exists u, sin t = t * u /\ 1 - t * t <= u <= 1.
Proof.
  assert (P : forall t, 0 < t <= 1 -> exists u, sin t = t * u /\ 1 - t * t <= u <= 1).
  { clear t. intros t Ht. exists (sin t / t). split; [field; lra|]. assert (U := sin_lt_x t ltac:(lra)).
    assert (HP := PI2_3_2). destruct (pre_sin_bound t 0) as [L _]; [lra|lra|].
    unfold sin_approx, sin_term in L. cbn [Nat.mul Nat.add sum_f_R0 pow fact INR] in L.
    split; apply (Rmult_le_reg_r t); try lra; replace (sin t / t * t) with (sin t) by (field; lra); [|lra].
    eapply Rle_trans; [|exact L]. nra. }
  intros H. destruct (Rtotal_order t 0) as [N|[->|N]].
  - destruct (P (- t)) as (u & E & B); [apply Rabs_le_between in H; lra|]. exists u. rewrite sin_neg in E. split; nra.
  - exists 1. rewrite sin_0. lra.
  - apply P. apply Rabs_le_between in H. lra.
Qed.
Lemma sine_tiny_ok t : Rabs (Q2R t) <= 1 -> within (sin (Q2R t)) (sine_tiny t).
Proof.
  intros H. destruct (sine_quotient _ H) as (u & -> & B). unfold sine_tiny. apply i_mul_ok; [apply i_q_ok|].
  unfold within. cbn [fst snd]. rewrite qadd_ok, qopp_ok, qmul_ok, Q2R_1. lra.
Qed.
Lemma one_minus_ok t x : within (sin t) x -> within (cos (2 * t)) (one_minus_twice_square x).
Proof.
  intros H. rewrite cos_2a_sin. replace (1 - 2 * sin t * sin t) with (1 + - (sin t * sin t + sin t * sin t)) by ring.
  unfold one_minus_twice_square. apply i_add_ok; [rewrite <- Q2R_1; apply i_q_ok|]. now apply i_opp_ok, i_add_ok; apply i_mul_ok.
Qed.
Definition on_circle (t : R) (p : interval * interval) : Prop := within (sin t) (fst p) /\ within (cos t) (snd p).
Lemma doubled_ok k : forall t p, on_circle t p -> on_circle (t * 2 ^ k) (doubled k p).
Proof.
  induction k as [|k IH]; intros t p H; cbn [doubled pow]; [now rewrite Rmult_1_r|].
  replace (t * (2 * 2 ^ k)) with (2 * t * 2 ^ k) by ring. apply IH. destruct H as [A B]. split; cbn [double_angle fst snd].
  - rewrite sin_2a. replace (2 * sin t * cos t) with (sin t * cos t + sin t * cos t) by ring. apply i_add_ok; now apply i_mul_ok.
  - now apply one_minus_ok.
Qed.
Lemma circle_point_ok q p : circle_point q = Some p -> on_circle (Q2R q) p.
Proof.
  unfold circle_point. cbv zeta. destruct (qle _ 1) eqn:E; [|easy]. apply qle_ok in E. rewrite qmul_ok, Q2R_1 in E.
  intros H. apply (f_equal (fun o => match o with Some a => a | None => p end)) in H. cbv beta iota in H. rewrite <- H.
  rewrite <- (tiny_ok q). apply doubled_ok. assert (B : Rabs (Q2R (tiny q)) <= 1) by (apply Rabs_le; nra). split; cbn [fst snd].
  - now apply sine_tiny_ok.
  - assert (Eh : Q2R (qmul half_q (tiny q)) = Q2R (tiny q) / 2) by (rewrite qmul_ok; unfold half_q, Q2R at 1; cbn [Qnum Qden]; lra).
    replace (Q2R (tiny q)) with (2 * Q2R (qmul half_q (tiny q))) by lra. apply one_minus_ok, sine_tiny_ok.
    rewrite Eh. apply Rabs_le. apply Rabs_le_between in B. lra.
Qed.
Definition i_sin (x : interval) : option interval := match circle_point (fst x) with Some p => Some (widen x (fst p)) | None => None end.
Definition i_cos (x : interval) : option interval := match circle_point (fst x) with Some p => Some (widen x (snd p)) | None => None end.
Lemma derive_sin z : is_derive sin z (cos z). Proof. auto_derive; [exact I|ring]. Qed.
Lemma derive_cos z : is_derive cos z (- sin z). Proof. auto_derive; [exact I|ring]. Qed.
Lemma i_sin_ok r x y : within r x -> i_sin x = Some y -> within (sin r) y.
Proof.
  unfold i_sin. destruct (circle_point (fst x)) as [p|] eqn:E; [|easy]. intros Hr [= <-]. apply circle_point_ok in E as [E _].
  apply (widen_ok sin cos); auto; [exact derive_sin|]. intros z. apply Rabs_le. assert (K := COS_bound z). lra.
Qed.
Lemma i_cos_ok r x y : within r x -> i_cos x = Some y -> within (cos r) y.
Proof.
  unfold i_cos. destruct (circle_point (fst x)) as [p|] eqn:E; [|easy]. intros Hr [= <-]. apply circle_point_ok in E as [_ E].
  apply (widen_ok cos (fun z => - sin z)); auto; [exact derive_cos|]. intros z. apply Rabs_le. assert (K := SIN_bound z). lra.
Qed.
