(** * Intervals with rational ends that enclose reals; ends are rounded outwards to multiples of 2^-n; the number n of bits is an implicit argument of all that rounds. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals.
Local Open Scope R_scope.

(** ** Rounding *)
Class rounding := { digits : positive; bits : positive; bits_ok : Zpos bits = (2 ^ Zpos digits)%Z }.
Definition to_bits (n : positive) : rounding := {| digits := n; bits := Pos.pow 2 n; bits_ok := Pos2Z.inj_pow 2 n |}.
Section Rounding.
Context {rd : rounding}.
(** n / d rounded down; mostly d is [bits], and then a shift does it *)
Definition quotient (n : Z) (d : positive) : Z := if Pos.eqb d bits then Z.shiftr n (Zpos digits) else match d with xH => n | _ => Z.div n (Zpos d) end.
Definition down (q : Q) : Q := if Pos.eqb (Qden q) bits then q else Qmake (quotient (Zpos bits * Qnum q) (Qden q)) bits.
Definition up (q : Q) : Q := qopp (down (qopp q)).
(** a b rounded down *)
Definition mul_down (a b : Q) : Q :=
  let n := (Qnum a * Qnum b)%Z in
  if Pos.eqb (Qden a) bits then Qmake (quotient n (Qden b)) bits
  else if Pos.eqb (Qden b) bits then Qmake (quotient n (Qden a)) bits
  else Qmake (quotient (Zpos bits * n) (Qden a * Qden b)) bits.
Definition mul_up (a b : Q) : Q := qopp (mul_down (qopp a) b).
(** a + b, not in lowest terms *)
Definition plain_add (a b : Q) : Q := if Pos.eqb (Qden a) (Qden b) then Qmake (Qnum a + Qnum b) (Qden a) else Qplus a b.
Lemma quotient_ok n d : (quotient n d * Zpos d <= n)%Z.
Proof.
  assert (D := Z.mul_div_le n (Zpos d) ltac:(lia)). unfold quotient. destruct (Pos.eqb_spec d bits) as [->|_].
  - rewrite Z.shiftr_div_pow2, <- bits_ok by lia. lia.
  - destruct d; lia.
Qed.
#[local] Opaque quotient.
Lemma down_ok q : Q2R (down q) <= Q2R q.
Proof.
  unfold down. destruct (Pos.eqb _ _); [lra|]. apply Qle_Rle. unfold Qle. cbn [Qnum Qden].
  assert (H := quotient_ok (Zpos bits * Qnum q) (Qden q)). lia.
Qed.
Lemma up_ok q : Q2R q <= Q2R (up q).
Proof. unfold up. rewrite qopp_ok. assert (H := down_ok (qopp q)). rewrite qopp_ok in H. lra. Qed.
Lemma mul_down_ok a b : Q2R (mul_down a b) <= Q2R a * Q2R b.
Proof.
  rewrite <- Q2R_mult. unfold mul_down. cbv zeta.
  destruct (Pos.eqb_spec (Qden a) bits) as [Ea|_]; [|destruct (Pos.eqb_spec (Qden b) bits) as [Eb|_]];
    apply Qle_Rle; unfold Qle, Qmult; cbn [Qnum Qden]; rewrite Pos2Z.inj_mul.
  - assert (H := quotient_ok (Qnum a * Qnum b) (Qden b)). rewrite Ea. nia.
  - assert (H := quotient_ok (Qnum a * Qnum b) (Qden a)). rewrite Eb. nia.
  - assert (H := quotient_ok (Zpos bits * (Qnum a * Qnum b)) (Qden a * Qden b)). rewrite Pos2Z.inj_mul in H. lia.
Qed.
Lemma mul_up_ok a b : Q2R a * Q2R b <= Q2R (mul_up a b).
Proof. unfold mul_up. rewrite qopp_ok. assert (H := mul_down_ok (qopp a) b). rewrite qopp_ok in H. lra. Qed.
Lemma plain_add_ok a b : Q2R (plain_add a b) = Q2R a + Q2R b.
Proof.
  rewrite <- Q2R_plus. unfold plain_add. destruct (Pos.eqb_spec (Qden a) (Qden b)) as [E|_]; [|reflexivity].
  apply Qeq_eqR. unfold Qeq, Qplus. cbn [Qnum Qden]. rewrite <- E, Pos2Z.inj_mul. ring.
Qed.
End Rounding.
Opaque quotient down up mul_down mul_up plain_add.

Definition qle (a b : Q) : bool := Z.leb (Qnum a * Zpos (Qden b)) (Qnum b * Zpos (Qden a)).
Lemma qle_ok a b : qle a b = true -> Q2R a <= Q2R b.
Proof. unfold qle. intros H. apply Z.leb_le in H. apply Qle_Rle. exact H. Qed.
Lemma qle_false a b : qle a b = false -> Q2R b <= Q2R a.
Proof. unfold qle. intros H. apply Z.leb_gt in H. apply Qle_Rle. unfold Qle. lia. Qed.
Definition qmin (a b : Q) : Q := if qle a b then a else b.
Definition qmax (a b : Q) : Q := if qle a b then b else a.
Lemma qmin_ok a b : Q2R (qmin a b) <= Q2R a /\ Q2R (qmin a b) <= Q2R b.
Proof. unfold qmin. destruct (qle a b) eqn:E; [apply qle_ok in E|apply qle_false in E]; lra. Qed.
Lemma qmax_ok a b : Q2R a <= Q2R (qmax a b) /\ Q2R b <= Q2R (qmax a b).
Proof. unfold qmax. destruct (qle a b) eqn:E; [apply qle_ok in E|apply qle_false in E]; lra. Qed.
Definition positive_q (q : Q) : bool := Z.ltb 0 (Qnum q).
Lemma positive_q_ok q : positive_q q = true -> 0 < Q2R q.
Proof. unfold positive_q. intros H. apply Z.ltb_lt in H. assert (S := q_sign q). destruct (Qnum q); [lia|exact S|lia]. Qed.
Definition nonnegative_q (q : Q) : bool := Z.leb 0 (Qnum q).
Lemma nonnegative_q_ok q : nonnegative_q q = true -> 0 <= Q2R q.
Proof. unfold nonnegative_q. intros H. apply Z.leb_le in H. assert (S := q_sign q). destruct (Qnum q); [lra|lra|lia]. Qed.
Lemma nonnegative_q_false q : nonnegative_q q = false -> Q2R q <= 0.
Proof. unfold nonnegative_q. intros H. apply Z.leb_gt in H. assert (S := q_sign q). destruct (Qnum q); [lia|lia|lra]. Qed.
Definition qinv (q : Q) : Q := qred (Qinv q).
Lemma qinv_ok q : Q2R q <> 0 -> Q2R (qinv q) = / Q2R q.
Proof.
  intros H. unfold qinv. rewrite (Qeq_eqR _ _ (qred_ok (Qinv q))). apply Q2R_inv. intros K. apply H. rewrite (Qeq_eqR _ _ K). apply Q2R_0.
Qed.

(** ** Intervals *)
Definition interval := (Q * Q)%type.
Definition within (r : R) (i : interval) : Prop := Q2R (fst i) <= r <= Q2R (snd i).
Definition i_q (q : Q) : interval := (q, q).
Section Operations.
Context {rd : rounding}.
Definition i_add (x y : interval) : interval := (down (plain_add (fst x) (fst y)), up (plain_add (snd x) (snd y))).
Definition i_opp (x : interval) : interval := (qopp (snd x), qopp (fst x)).
(** x y where the lower end of x is not negative *)
Definition scaled (x y : interval) : interval :=
  (mul_down (if nonnegative_q (fst y) then fst x else snd x) (fst y), mul_up (if nonnegative_q (snd y) then snd x else fst x) (snd y)).
Definition crossed (x y : interval) : interval :=
  (qmin (mul_down (fst x) (snd y)) (mul_down (snd x) (fst y)), qmax (mul_up (fst x) (fst y)) (mul_up (snd x) (snd y))).
Definition i_mul (x y : interval) : interval :=
  if nonnegative_q (fst x) then scaled x y
  else if nonnegative_q (fst y) then scaled y x
  else if negb (nonnegative_q (snd x)) then i_opp (scaled (i_opp x) y)
  else if negb (nonnegative_q (snd y)) then i_opp (scaled (i_opp y) x)
  else crossed x y.
Definition i_inv (x : interval) : option interval :=
  if positive_q (fst x) then Some (down (Qinv (snd x)), up (Qinv (fst x))) else None.
(** x / k *)
Definition i_over (x : interval) (k : positive) : interval := (mul_down (fst x) (1 # k), mul_up (snd x) (1 # k)).
Lemma i_q_ok q : within (Q2R q) (i_q q). Proof. unfold within; simpl; lra. Qed.
Lemma i_add_ok r s x y : within r x -> within s y -> within (r + s) (i_add x y).
Proof.
  unfold within, i_add. cbn [fst snd]. intros [A B] [C D]. assert (L := down_ok (plain_add (fst x) (fst y))). assert (U := up_ok (plain_add (snd x) (snd y))).
  rewrite plain_add_ok in L, U. lra.
Qed.
Lemma i_opp_ok r x : within r x -> within (- r) (i_opp x).
Proof. unfold within, i_opp. cbn [fst snd]. rewrite !qopp_ok. lra. Qed.
Lemma scaled_ok r s x y : 0 <= Q2R (fst x) -> within r x -> within s y -> within (r * s) (scaled x y).
Proof.
  unfold within, scaled. cbn [fst snd]. intros P [A B] [C D]. split.
  - eapply Rle_trans; [apply mul_down_ok|]. destruct (nonnegative_q (fst y)) eqn:E; [apply nonnegative_q_ok in E|apply nonnegative_q_false in E]; nra.
  - eapply Rle_trans; [|apply mul_up_ok]. destruct (nonnegative_q (snd y)) eqn:E; [apply nonnegative_q_ok in E|apply nonnegative_q_false in E]; nra.
Qed.
Lemma crossed_ok r s x y : Q2R (fst x) <= 0 <= Q2R (snd x) -> Q2R (fst y) <= 0 <= Q2R (snd y) -> within r x -> within s y -> within (r * s) (crossed x y).
Proof.
  unfold within, crossed. cbn [fst snd]. intros P P' [A B] [C D].
  destruct (qmin_ok (mul_down (fst x) (snd y)) (mul_down (snd x) (fst y))) as [M1 M2]. destruct (qmax_ok (mul_up (fst x) (fst y)) (mul_up (snd x) (snd y))) as [N1 N2].
  assert (L1 := mul_down_ok (fst x) (snd y)). assert (L2 := mul_down_ok (snd x) (fst y)). assert (U1 := mul_up_ok (fst x) (fst y)). assert (U2 := mul_up_ok (snd x) (snd y)).
  destruct (Rle_dec 0 r), (Rle_dec 0 s); split; nra.
Qed.
Lemma i_mul_ok r s x y : within r x -> within s y -> within (r * s) (i_mul x y).
Proof.
  intros Hr Hs. unfold i_mul. destruct (nonnegative_q (fst x)) eqn:E1; [apply nonnegative_q_ok in E1; now apply scaled_ok|].
  destruct (nonnegative_q (fst y)) eqn:E2; [apply nonnegative_q_ok in E2; rewrite Rmult_comm; now apply scaled_ok|].
  apply nonnegative_q_false in E1, E2.
  destruct (nonnegative_q (snd x)) eqn:E3; cbn [negb].
  - destruct (nonnegative_q (snd y)) eqn:E4; cbn [negb].
    + apply nonnegative_q_ok in E3, E4. now apply crossed_ok.
    + apply nonnegative_q_false in E4. replace (r * s) with (- (- s * r)) by ring. apply i_opp_ok, scaled_ok; [|now apply i_opp_ok|exact Hr].
      cbn [i_opp fst]. rewrite qopp_ok. lra.
  - apply nonnegative_q_false in E3. replace (r * s) with (- (- r * s)) by ring. apply i_opp_ok, scaled_ok; [|now apply i_opp_ok|exact Hs].
    cbn [i_opp fst]. rewrite qopp_ok. lra.
Qed.
Lemma inverse_q q : 0 < Q2R q -> Q2R (Qinv q) = / Q2R q.
Proof. intros H. apply Q2R_inv. intros K. rewrite (Qeq_eqR _ _ K), Q2R_0 in H. lra. Qed.
Lemma i_inv_ok r x y : within r x -> i_inv x = Some y -> 0 < r /\ within (/ r) y.
Proof.
  unfold within, i_inv. destruct (positive_q (fst x)) eqn:E; [|easy]. apply positive_q_ok in E. intros [A B] [= <-]. cbn [fst snd].
  split; [lra|]. assert (L := down_ok (Qinv (snd x))). assert (U := up_ok (Qinv (fst x))). rewrite inverse_q in L, U by lra.
  split; [eapply Rle_trans; [exact L|apply Rinv_le_contravar; lra]|eapply Rle_trans; [|exact U]; apply Rinv_le_contravar; lra].
Qed.
Lemma q_fraction k : Q2R (1 # k) = / INR (Pos.to_nat k).
Proof. unfold Q2R. cbn [Qnum Qden]. rewrite INR_IPR. unfold IZR at 2. unfold IZR at 1, IPR. lra. Qed.
Lemma i_over_ok r x k : within r x -> within (r / INR (Pos.to_nat k)) (i_over x k).
Proof.
  unfold within, i_over. cbn [fst snd]. intros [A B]. assert (L := mul_down_ok (fst x) (1 # k)). assert (U := mul_up_ok (snd x) (1 # k)).
  assert (P : 0 < INR (Pos.to_nat k)) by (apply lt_0_INR, Pos2Nat.is_pos). rewrite q_fraction in L, U. apply Rinv_0_lt_compat in P. unfold Rdiv. nra.
Qed.
(** the terms of a sum, added or taken away in turn *)
Definition i_step (odd : bool) (s t : interval) : interval := i_add s (if odd then i_opp t else t).
Lemma minus_one_power k : (-1) ^ k = if Nat.odd k then -1 else 1.
Proof. induction k as [|k IH]; [reflexivity|]. cbn [pow]. rewrite IH, Nat.odd_succ, <- Nat.negb_odd. destruct (Nat.odd k); cbn; ring. Qed.
Lemma i_step_ok k r s x t : within r x -> within s t -> within (r + (-1) ^ k * s) (i_step (Nat.odd k) x t).
Proof.
  intros Hr Hs. apply i_add_ok; [exact Hr|]. rewrite minus_one_power. destruct (Nat.odd k); [replace (-1 * s) with (- s) by ring; now apply i_opp_ok|now rewrite Rmult_1_l].
Qed.
End Operations.
