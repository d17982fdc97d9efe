(** * Signs of real numbers and of polynomials, and polynomials of polynomials. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool.
From SimCert Require Import Poly.
Import ListNotations.
Local Open Scope R_scope.

(** *** Signs: S(cP) = S(P) for c > 0, S(-P) = -S(P), and the sign of a constant *)
Definition constant_sign (p : poly) : option bool := match p with [([], c)] => if qzero c then None else Some (Qnum c <? 0)%Z | _ => None end.
(** whether p = c q, and whether c < 0 *)
Definition ray (p q : poly) : option bool :=
  match p, q with
  | [], [] => Some false
  | (_, c) :: _, (_, d) :: _ =>
    let e := qmul c (Qinv d) in if negb (qzero e) && peqb p (pscal e q) then Some (Qnum e <? 0)%Z else None
  | _, _ => None
  end.
(** a polynomial with rational coefficients of a normal form *)
Definition pcompose (c : list Q) (v : poly) : poly := fold_right (fun a acc => padd (pcst a) (pmul v acc)) [] c.

Definition sgn (t : R) : R := if Rlt_dec 0 t then 1 else if Rlt_dec t 0 then -1 else 0.
Definition rpoly (c : list Q) (t : R) : R := fold_right (fun a acc => Q2R a + t * acc) 0 c.

Section Eval.
Variable r : positive -> R.
Lemma sgn_neg t : sgn (- t) = - sgn t.
Proof. unfold sgn. destruct (Rlt_dec 0 (- t)), (Rlt_dec (- t) 0), (Rlt_dec 0 t), (Rlt_dec t 0); try lra. Qed.
Lemma sgn_scaled c t : c <> 0 -> sgn (c * t) = if Rlt_dec c 0 then - sgn t else sgn t.
Proof.
  intros Hc. assert (P : forall c t, 0 < c -> sgn (c * t) = sgn t).
  { clear. intros c t Hc. unfold sgn. destruct (Rlt_dec 0 t) as [H|H].
    - destruct (Rlt_dec 0 (c * t)) as [_|H']; [reflexivity|]. exfalso. apply H'. now apply Rmult_lt_0_compat.
    - destruct (Rlt_dec t 0) as [H2|H2].
      + assert (c * t < 0) by (rewrite <- (Rmult_0_r c); now apply Rmult_lt_compat_l). destruct (Rlt_dec 0 (c * t)); [lra|]. destruct (Rlt_dec (c * t) 0); [reflexivity|lra].
      + assert (t = 0) as -> by lra. rewrite Rmult_0_r. destruct (Rlt_dec 0 0); [lra|reflexivity]. }
  destruct (Rlt_dec c 0) as [H|H].
  - replace (c * t) with (- ((- c) * t)) by ring. rewrite sgn_neg, P by lra. reflexivity.
  - apply P. lra.
Qed.
Lemma Q2R_negative c : (Qnum c <? 0)%Z = true -> Q2R c < 0.
Proof.
  intros H. apply Z.ltb_lt in H. unfold Q2R. assert (0 < / IZR (Zpos (Qden c))) by (apply Rinv_0_lt_compat, IZR_lt; reflexivity).
  apply IZR_lt in H. rewrite <- (Rmult_0_l (/ IZR (Zpos (Qden c)))). now apply Rmult_lt_compat_r.
Qed.
Lemma Q2R_nonnegative c : (Qnum c <? 0)%Z = false -> 0 <= Q2R c.
Proof.
  intros H. apply Z.ltb_ge in H. unfold Q2R. apply Rmult_le_pos; [now apply IZR_le|]. apply Rlt_le, Rinv_0_lt_compat, IZR_lt. reflexivity.
Qed.
Lemma constant_sign_ok p neg : constant_sign p = Some neg -> p <> [] /\ sgn (peval r p) = if neg then -1 else 1.
Proof.
  destruct p as [|[[|]] [|]]; try discriminate. cbn [constant_sign peval meval]. destruct (qzero q) eqn:Ez; [discriminate|]. intros [= <-]. split; [discriminate|].
  apply qzero_false in Ez. rewrite Rmult_1_r, Rplus_0_r. unfold sgn. destruct (Qnum q <? 0)%Z eqn:En.
  - apply Q2R_negative in En. destruct (Rlt_dec 0 (Q2R q)); [lra|]. destruct (Rlt_dec (Q2R q) 0); [reflexivity|lra].
  - apply Q2R_nonnegative in En. destruct (Rlt_dec 0 (Q2R q)); [reflexivity|lra].
Qed.
Lemma ray_ok p q neg : ray p q = Some neg -> (p = [] /\ q = [] /\ neg = false) \/ (p <> [] /\ q <> [] /\ sgn (peval r p) = if neg then - sgn (peval r q) else sgn (peval r q)).
Proof.
  destruct p as [|[m c] p], q as [|[n d] q]; cbn [ray]; try discriminate; [intros [= <-]; auto|].
  cbv zeta. set (e := qmul c (Qinv d)). destruct (negb (qzero e) && peqb ((m, c) :: p) (pscal e ((n, d) :: q))) eqn:Ee; [|discriminate]. intros [= <-]. right.
  split; [discriminate|]. split; [discriminate|]. apply andb_prop in Ee as [E1 E2]. apply negb_true_iff, qzero_false in E1.
  rewrite (peqb_ok r _ _ E2), pscal_ok, sgn_scaled by exact E1. destruct (Qnum e <? 0)%Z eqn:En.
  - apply Q2R_negative in En. destruct (Rlt_dec (Q2R e) 0); [reflexivity|lra].
  - apply Q2R_nonnegative in En. destruct (Rlt_dec (Q2R e) 0); [lra|reflexivity].
Qed.
Lemma pcompose_ok c v : peval r (pcompose c v) = rpoly c (peval r v).
Proof. induction c as [|a c IH]; cbn [pcompose rpoly fold_right]; [reflexivity|]. fold (pcompose c v) (rpoly c (peval r v)). now rewrite padd_ok, pcst_ok, pmul_ok, IH. Qed.
End Eval.
