(** * Where every activation has its derivative, the gradient of the chain rule is the gradient. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance ChainRule Symmetric.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** [sensitivity] is the partial derivative wherever every activation is differentiable at its argument *)
Theorem sensitivity_is_partial m known g extra tabs : check_equivariance m known g extra = Some tabs ->
  forall sigma slope theta x, slopes_of sigma slope -> regular m sigma theta x -> forall k i, output_entry m k i ->
  forall p, partial_p (F m sigma x k i) p theta = sensitivity m sigma slope theta x k i p.
Proof.
  intros Hc sigma slope theta x Hs Hr k i Hki p. destruct (equivariance_moving _ _ _ _ _ Hc) as [Hm He].
  destruct (checked m known g extra tabs Hm) as (C1 & _). assert (Hl := output_still m tabs He k i Hki).
  unfold partial_p, partial. apply is_derive_unique. unfold F, sensitivity, value, tangent.
  replace (run_tangent m sigma slope theta x) with (run_tangent m sigma slope (upd theta (N.succ_pos p) (theta (N.succ_pos p))) x) by now rewrite upd_self.
  apply (nodes_rule_is_derive m known sigma slope Hs (fun t => upd theta (N.succ_pos p) t) x (ebasis (N.succ_pos p)) (theta (N.succ_pos p)))
    with (g := g) (extra := extra) (tabs := PM.empty _) (tabs' := tabs) (v := fun _ _ _ => 0).
  - intros q. unfold entry. apply is_derive_upd.
  - exact C1.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite upd_self. exact Hr.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite Hl. discriminate.
Qed.
