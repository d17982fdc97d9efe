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

(** ** Logarithm: Newton's method guesses, the exponential decides *)
Fixpoint newton_ln (n : nat) (y l : Q) : Q :=
  match n with O => l | S n => newton_ln n y (down (qadd (qadd l (-1 # 1)) (qmul y (exp_low (qopp l))))) end.
Definition ln_guess (y : Q) : Q := newton_ln 8 y (down (qmul (inject_Z (Z.log2 (Qnum y) - Z.log2 (Zpos (Qden y)))) (693 # 1000))).
Definition margin (l : Q) : Q := qmul (1 # Pos.pow 2 55) (qadd 1 (qmul l l)).
Definition i_ln (x : interval) : option interval :=
  if positive_q (fst x) then
    let l := ln_guess (fst x) in let h := ln_guess (snd x) in
    let low := qadd l (qopp (margin l)) in let high := qadd h (margin h) in
    match exp_high low with
    | Some u => if qle u (fst x) && qle (snd x) (exp_low high) then Some (low, high) else None
    | None => None end
  else None.
Lemma ln_mono a b : 0 < a -> a <= b -> ln a <= ln b.
Proof. intros H [K| ->]; [left; now apply ln_increasing|right; reflexivity]. Qed.
Lemma i_ln_ok r x y : within r x -> i_ln x = Some y -> 0 < r /\ within (ln r) y.
Proof.
  unfold within, i_ln. intros [A B]. destruct (positive_q (fst x)) eqn:E; [|easy]. apply positive_q_ok in E. cbv zeta.
  set (low := qadd _ (qopp _)). set (high := qadd _ (margin _)). destruct (exp_high low) as [u|] eqn:Eu; [|easy].
  destruct (qle u (fst x) && qle (snd x) (exp_low high))%bool eqn:K; [|easy]. apply andb_prop in K as [K1 K2].
  apply qle_ok in K1, K2. apply exp_high_ok in Eu. assert (L := exp_low_ok high). intros [= <-]. cbn [fst snd]. split; [lra|].
  rewrite <- (ln_exp (Q2R low)), <- (ln_exp (Q2R high)). assert (P := exp_pos (Q2R low)). split; apply ln_mono; lra.
Qed.

(** ** Square root: squares decide *)
Definition sqrt_guess (q : Q) : Q := Qmake (Z.sqrt (Qnum q * Zpos bits * Zpos bits / Zpos (Qden q))) bits.
Definition i_sqrt (x : interval) : option interval :=
  let low := sqrt_guess (fst x) in let high := qadd (sqrt_guess (snd x)) (1 # bits) in
  if positive_q (fst x) && qle (qmul low low) (fst x) && qle (snd x) (qmul high high) && positive_q high then Some (low, high) else None.
Lemma i_sqrt_ok r x y : within r x -> i_sqrt x = Some y -> 0 < r /\ within (sqrt r) y.
Proof.
  unfold within, i_sqrt. cbv zeta. set (low := sqrt_guess _). set (high := qadd _ _). intros [A B].
  destruct (positive_q (fst x) && _ && _ && _)%bool eqn:K; [|easy]. apply andb_prop in K as [[[K1 K2]%andb_prop K3]%andb_prop K4].
  apply positive_q_ok in K1, K4. apply qle_ok in K2, K3. rewrite qmul_ok in K2, K3. intros [= <-]. cbn [fst snd].
  assert (P := sqrt_lt_R0 r ltac:(lra)). assert (S := sqrt_sqrt r ltac:(lra)). split; [lra|]. split; nra.
Qed.

(** ** Arctangent: |atan q - t| <= |q - tan t| for t between -pi/2 and pi/2; t is found by t + sin (atan q - t) *)
Definition middle (x : interval) : Q := qmul half_q (qadd (fst x) (snd x)).
Fixpoint atan_steps (n : nat) (q root t : Q) : Q :=
  match n with
  | O => t
  | S n => match circle_point t with
           | Some (s, c) => atan_steps n q root (down (qadd t (qmul (qadd (qmul q (middle c)) (qopp (middle s))) root)))
           | None => t end
  end.
Definition atan_guess (q : Q) : Q := atan_steps 6 q (down (qinv (sqrt_guess (qadd 1 (qmul q q))))) 0%Q.
Definition atan_point (q : Q) : option interval :=
  let t := atan_guess q in
  match circle_point t with
  | Some (s, c) =>
    match i_inv c with
    | Some v => let d := i_add (i_q q) (i_opp (i_mul s v)) in let e := qmax (qopp (fst d)) (snd d) in
                if qle t (3 # 1) && qle (-3 # 1) t then Some (qadd t (qopp e), qadd t e) else None
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
  intros e M1 M2. unfold within in D. intros [= <-]. unfold within. cbn [fst snd]. rewrite !qadd_ok, qopp_ok.
  assert (L := slope_bound atan _ (tan (Q2R t)) (Q2R q) derive_atan atan_slope). rewrite atan_tan in L by (now apply half_turn; [|lra]).
  assert (B : Rabs (Q2R q - tan (Q2R t)) <= Q2R e) by (apply Rabs_le; lra).
  assert (X := Rle_trans _ _ _ L B). apply Rabs_le_between in X. lra.
Qed.
Lemma i_atan_ok r x y : within r x -> i_atan x = Some y -> within (atan r) y.
Proof.
  unfold i_atan. destruct (atan_point (fst x)) as [p|] eqn:E; [|easy]. intros Hr [= <-].
  apply (widen_ok atan (fun z => / (1 + z * z))); auto; [exact derive_atan|exact atan_slope|now apply atan_point_ok].
Qed.
Lemma i_pi_ok one y : Q2R one = 1 -> i_pi one = Some y -> within PI y.
Proof.
  unfold i_pi. intros H1. destruct (atan_point one) as [p|] eqn:E; [|easy]. intros [= <-].
  apply atan_point_ok in E. rewrite H1, atan_1 in E. replace PI with (Q2R 4 * (PI / 4)) by (unfold Q2R; cbn; field).
  apply i_mul_ok; [apply i_q_ok|exact E].
Qed.
