(** * Intervals with rational ends that enclose reals, and the exponential function: (1 + q/n)^n <= exp q <= 1/(1 - q/n)^n with n = 2^60. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals.
Local Open Scope R_scope.

Definition bits : positive := Pos.pow 2 160.
Definition down (q : Q) : Q := Qmake (Z.div (Qnum q * Zpos bits) (Zpos (Qden q))) bits.
Definition up (q : Q) : Q := qopp (down (qopp q)).
Lemma down_ok q : Q2R (down q) <= Q2R q.
Proof.
  apply Qle_Rle. unfold Qle, down. cbn [Qnum Qden]. 
  assert (H := Z.mul_div_le (Qnum q * Zpos bits) (Zpos (Qden q)) ltac:(lia)). lia.
Qed.
Lemma up_ok q : Q2R q <= Q2R (up q).
Proof. unfold up. rewrite qopp_ok. assert (H := down_ok (qopp q)). rewrite qopp_ok in H. lra. Qed.
Opaque down up.

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
Definition qinv (q : Q) : Q := qred (Qinv q).
Lemma qinv_ok q : Q2R q <> 0 -> Q2R (qinv q) = / Q2R q.
Proof.
  intros H. unfold qinv. rewrite (Qeq_eqR _ _ (qred_ok (Qinv q))). apply Q2R_inv. intros K. apply H. rewrite (Qeq_eqR _ _ K). apply Q2R_0.
Qed.

(** ** Intervals *)
Definition interval := (Q * Q)%type.
Definition within (r : R) (i : interval) : Prop := Q2R (fst i) <= r <= Q2R (snd i).
Definition i_q (q : Q) : interval := (q, q).
Definition i_add (x y : interval) : interval := (down (qadd (fst x) (fst y)), up (qadd (snd x) (snd y))).
Definition i_mul (x y : interval) : interval :=
  let a := qmul (fst x) (fst y) in let b := qmul (fst x) (snd y) in let c := qmul (snd x) (fst y) in let d := qmul (snd x) (snd y) in
  (down (qmin (qmin a b) (qmin c d)), up (qmax (qmax a b) (qmax c d))).
Definition i_opp (x : interval) : interval := (qopp (snd x), qopp (fst x)).
Definition i_inv (x : interval) : option interval :=
  if positive_q (fst x) then Some (down (qinv (snd x)), up (qinv (fst x))) else None.
Lemma i_q_ok q : within (Q2R q) (i_q q). Proof. unfold within; simpl; lra. Qed.
Lemma i_add_ok r s x y : within r x -> within s y -> within (r + s) (i_add x y).
Proof.
  unfold within, i_add. cbn [fst snd]. intros [A B] [C D]. assert (L := down_ok (qadd (fst x) (fst y))). assert (U := up_ok (qadd (snd x) (snd y))).
  rewrite qadd_ok in L, U. lra.
Qed.
Lemma between a b c r : a <= r <= b -> (a * c <= r * c \/ b * c <= r * c) /\ (r * c <= a * c \/ r * c <= b * c).
Proof. intros [H K]. destruct (Rle_dec 0 c); split; [left|right|right|left]; nra. Qed.
Lemma i_mul_ok r s x y : within r x -> within s y -> within (r * s) (i_mul x y).
Proof.
  unfold within, i_mul. cbn [fst snd]. intros Hr Hs.
  set (a := qmul (fst x) (fst y)). set (b := qmul (fst x) (snd y)). set (c := qmul (snd x) (fst y)). set (d := qmul (snd x) (snd y)).
  assert (L := down_ok (qmin (qmin a b) (qmin c d))). assert (U := up_ok (qmax (qmax a b) (qmax c d))).
  destruct (qmin_ok a b), (qmin_ok c d), (qmin_ok (qmin a b) (qmin c d)), (qmax_ok a b), (qmax_ok c d), (qmax_ok (qmax a b) (qmax c d)).
  assert (Ea : Q2R a = Q2R (fst x) * Q2R (fst y)) by apply qmul_ok. assert (Eb : Q2R b = Q2R (fst x) * Q2R (snd y)) by apply qmul_ok.
  assert (Ec : Q2R c = Q2R (snd x) * Q2R (fst y)) by apply qmul_ok. assert (Ed : Q2R d = Q2R (snd x) * Q2R (snd y)) by apply qmul_ok.
  destruct (between _ _ s r Hr) as [K1 K2].
  destruct (between _ _ (Q2R (fst x)) s Hs) as [M1 M2]. destruct (between _ _ (Q2R (snd x)) s Hs) as [N1 N2].
  rewrite !(Rmult_comm _ (Q2R (fst x))) in M1, M2. rewrite !(Rmult_comm _ (Q2R (snd x))) in N1, N2.
  rewrite <- Ea, <- Eb in M1, M2. rewrite <- Ec, <- Ed in N1, N2.
  split; [destruct K1, M1, N1; lra|destruct K2, M2, N2; lra].
Qed.
Lemma i_opp_ok r x : within r x -> within (- r) (i_opp x).
Proof. unfold within, i_opp. cbn [fst snd]. rewrite !qopp_ok. lra. Qed.
Lemma i_inv_ok r x y : within r x -> i_inv x = Some y -> 0 < r /\ within (/ r) y.
Proof.
  unfold within, i_inv. destruct (positive_q (fst x)) eqn:E; [|easy]. apply positive_q_ok in E. intros [A B] [= <-]. cbn [fst snd].
  split; [lra|]. assert (L := down_ok (qinv (snd x))). assert (U := up_ok (qinv (fst x))). rewrite qinv_ok in L, U by lra.
  split; [eapply Rle_trans; [exact L|apply Rinv_le_contravar; lra]|eapply Rle_trans; [|exact U]; apply Rinv_le_contravar; lra].
Qed.

(** ** The exponential *)
Fixpoint squares (k : nat) (f : Q -> Q) (q : Q) : Q := match k with O => q | S k => squares k f (f (qmul q q)) end.
Definition steps : nat := 60.
Definition tiny (q : Q) : Q := qmul q (Qmake 1 (Pos.pow 2 60)).
Definition exp_low (q : Q) : Q := let t := qadd 1 (tiny q) in if positive_q t then squares steps down t else 0%Q.
Definition exp_high (q : Q) : option Q :=
  let t := qadd 1 (qopp (tiny q)) in if positive_q t then Some (squares steps up (up (qinv t))) else None.
Lemma steps_power : IZR (Zpos (Pos.pow 2 60)) = 2 ^ steps.
Proof. rewrite pow_IZR. apply f_equal. vm_compute. reflexivity. Qed.
Lemma tiny_ok q : Q2R (tiny q) * 2 ^ steps = Q2R q.
Proof.
  unfold tiny. rewrite qmul_ok, <- steps_power. unfold Q2R at 2. cbn [Qnum Qden].
  generalize (IZR_lt 0 (Zpos (Pos.pow 2 60)) eq_refl). generalize (IZR (Zpos (Pos.pow 2 60))). intros p Hp. field. lra.
Qed.
Opaque steps squares.
Lemma exp_square x : exp (x * 2) = exp x * exp x.
Proof. rewrite <- exp_plus. f_equal. ring. Qed.
Transparent squares.
Lemma squares_low k : forall q x, 0 <= Q2R q -> Q2R q <= exp x -> (forall q, 0 <= Q2R q -> 0 <= Q2R (down q)) -> Q2R (squares k down q) <= exp (x * 2 ^ k).
Proof.
  induction k as [|k IH]; intros q x H0 H Hd; cbn [squares pow].
  - now rewrite Rmult_1_r.
  - replace (x * (2 * 2 ^ k)) with (x * 2 * 2 ^ k) by ring. apply IH; [|eapply Rle_trans; [apply down_ok|]|exact Hd].
    + apply Hd. rewrite qmul_ok. nra.
    + rewrite qmul_ok, exp_square. apply Rmult_le_compat; lra.
Qed.
Lemma down_positive q : 0 <= Q2R q -> 0 <= Q2R (down q).
Proof.
  Transparent down. intros H. assert (S := q_sign q).
  assert (Hn : (0 <= Qnum q)%Z) by (destruct (Qnum q); [lia|lia|lra]).
  rewrite <- Q2R_0. apply Qle_Rle. unfold Qle, down. cbn [Qnum Qden].
  assert (0 <= (Qnum q * Zpos bits) / Zpos (Qden q))%Z by (apply Z.div_pos; lia). lia.
  Opaque down.
Qed.
Lemma squares_high k : forall q x, exp x <= Q2R q -> exp (x * 2 ^ k) <= Q2R (squares k up q).
Proof.
  induction k as [|k IH]; intros q x H; cbn [squares pow].
  - now rewrite Rmult_1_r.
  - replace (x * (2 * 2 ^ k)) with (x * 2 * 2 ^ k) by ring. apply IH. eapply Rle_trans; [|apply up_ok].
    rewrite qmul_ok, exp_square. assert (P := exp_pos x). apply Rmult_le_compat; lra.
Qed.
Opaque squares.
Lemma exp_line x : 1 + x <= exp x.
Proof. destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|]. left. now apply exp_ineq1. Qed.
Lemma exp_low_ok q : Q2R (exp_low q) <= exp (Q2R q).
Proof.
  unfold exp_low. cbv zeta. destruct (positive_q _) eqn:E; [|rewrite Q2R_0; left; apply exp_pos]. apply positive_q_ok in E.
  rewrite <- (tiny_ok q). apply squares_low; [lra| |exact down_positive]. rewrite qadd_ok, Q2R_1. apply exp_line.
Qed.
Lemma exp_high_ok q u : exp_high q = Some u -> exp (Q2R q) <= Q2R u.
Proof.
  unfold exp_high. cbv zeta. destruct (positive_q _) eqn:E; [|easy]. apply positive_q_ok in E. intros Hu.
  apply (f_equal (fun o => match o with Some a => a | None => u end)) in Hu. cbv beta iota in Hu. rewrite <- Hu. clear Hu u.
  rewrite <- (tiny_ok q). apply squares_high. eapply Rle_trans; [|apply up_ok]. rewrite qinv_ok by lra.
  assert (X := exp_line (- Q2R (tiny q))). rewrite qadd_ok, qopp_ok, Q2R_1 in *. rewrite exp_Ropp in X.
  rewrite <- (Rinv_involutive (exp (Q2R (tiny q)))) by (apply Rgt_not_eq, exp_pos). apply Rinv_le_contravar; lra.
Qed.
Definition i_exp (x : interval) : option interval := match exp_high (snd x) with Some u => Some (exp_low (fst x), u) | None => None end.
Lemma exp_mono a b : a <= b -> exp a <= exp b.
Proof. intros [H| ->]; [left; now apply exp_increasing|right; reflexivity]. Qed.
Lemma i_exp_ok r x y : within r x -> i_exp x = Some y -> within (exp r) y.
Proof.
  unfold within, i_exp. destruct (exp_high (snd x)) as [u|] eqn:E; [|easy]. intros [A B] [= <-]. cbn [fst snd].
  apply exp_high_ok in E. assert (L := exp_low_ok (fst x)). assert (M1 := exp_mono _ _ A). assert (M2 := exp_mono _ _ B). lra.
Qed.
