(** * Finite sums over lists; lists without repetition. *)
From Coq Require Import List ZArith NArith Reals Lia Lra Permutation.
From SimCert Require Import Expr Syntax Meaning Scalar Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Lemma rsum_plus {A} (f g : A -> R) l : rsum (fun a => f a + g a) l = rsum f l + rsum g l.
Proof. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; [ring|]. rewrite IH. ring. Qed.
Lemma rsum_scal_r {A} (f : A -> R) c l : rsum (fun a => f a * c) l = rsum f l * c.
Proof. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; [ring|]. rewrite IH. ring. Qed.
Lemma rsum_zero {A} (f : A -> R) l : (forall a, In a l -> f a = 0) -> rsum f l = 0.
Proof.
  intros H. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; [reflexivity|].
  rewrite (H a (or_introl eq_refl)), IH; [ring|]. intros b Hb. apply H. now right.
Qed.
Lemma rsum_swap {A B} (f : A -> B -> R) l l' : rsum (fun a => rsum (f a) l') l = rsum (fun b => rsum (fun a => f a b) l) l'.
Proof.
  induction l as [|a l IH].
  - symmetry. apply rsum_zero. reflexivity.
  - transitivity (rsum (f a) l' + rsum (fun b => rsum (fun a => f a b) l) l'); [rewrite <- IH; reflexivity|]. rewrite <- rsum_plus. reflexivity.
Qed.
Lemma rsum_le {A} (f g : A -> R) l : (forall a, In a l -> f a <= g a) -> rsum f l <= rsum g l.
Proof.
  unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; intros H; [lra|]. apply Rplus_le_compat; [apply H; now left|apply IH; intros; apply H; now right].
Qed.
Lemma rsum_delta f p n : (p < n)%N -> rsum (fun j => (if N.eqb p j then 1 else 0) * f j) (upto n) = f p.
Proof. intros H. rewrite rsum_single by exact H. ring. Qed.
Lemma rsum_squares (f : N -> R) l : rsum (fun p => f p * f p) l = 0 -> forall p, In p l -> f p = 0.
Proof.
  assert (P : forall l, 0 <= rsum (fun p => f p * f p) l).
  { unfold rsum. induction l0 as [|a l0 IH]; cbn [map fold_right]; [lra|]. assert (Q := Rle_0_sqr (f a)). unfold Rsqr in Q. lra. }
  induction l as [|a l IH]; intros H p Hp; [easy|]. unfold rsum in H, IH, P. cbn [map fold_right] in H.
  assert (Q := Rle_0_sqr (f a)). unfold Rsqr in Q. specialize (P l). destruct Hp as [<-|Hp].
  - apply Rsqr_0_uniq. unfold Rsqr. lra.
  - apply IH; [lra|exact Hp].
Qed.
Lemma unique_by {A} (h : A -> N) l : NoDup (map h l) -> forall a b, In a l -> In b l -> h a = h b -> a = b.
Proof.
  induction l as [|c l IH]; cbn [map]; intros ND a b Ha Hb E; [easy|]. inversion ND as [|c' l' N1 N2]; subst.
  destruct Ha as [->|Ha], Hb as [->|Hb]; auto.
  - exfalso. apply N1. rewrite E. now apply in_map.
  - exfalso. apply N1. rewrite <- E. now apply in_map.
Qed.
