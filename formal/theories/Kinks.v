(** * Claims of symmetry with signed permutations, piecewise activations included. *)
From Coq Require Import List ZArith NArith QArith Reals Ascii String Bool Lia FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Nodewise Slopes DataSlopes.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** SPECIFICATION *)
Definition taken_itself (m : model) (assumptions : list (text * assumption)) (wanted : definition -> bool) : bool :=
  existsb (fun e => match find (fst e) assumptions with Some Itself => wanted (snd e) | _ => false end) (m_activations m).
Definition kinks (m : model) (assumptions : list (text * assumption)) : bool := taken_itself m assumptions piecewise_definition.
(** what is claimed beyond [claim_holds] of a piecewise function taken itself: invariance with every slope at 0 *)
Definition holds_at_kinks (m : model) (assumptions : list (text * assumption)) (c : claim) : Prop :=
  match c with
  | Invariant L | FixedSpace _ L =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma
  | Lattice beyond _ gs nodes _ =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma ->
    (forall L, In L (nodes ++ beyond) -> invariant_with_slopes m assumptions L sigma) /\
    (forall l L, incl l gs -> same (in_subspace L) (all_fix m l) -> invariant_with_slopes m assumptions L sigma)
  | DataInvariant data gs _ L =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma ->
    data_invariant_with_slopes m assumptions data gs L sigma
  | _ => True
  end.

(** ** The checks; [None]: unsupported *)
(** 1/z is not differentiable at 0, and [differentiable] would be void *)
Definition slopes_checked (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : bool :=
  negb (taken_itself m assumptions partial_definition) && check_slopes m assumptions gs L.
Lemma fst_combine {A B} (l : list A) (l' : list B) : has_length l' (length_n l) = true -> map fst (combine l l') = l.
Proof.
  intros H. apply has_length_ok in H. rewrite length_n_ok in H. assert (E : List.length l' = List.length l) by lia. clear H.
  revert l' E. induction l as [|a l IH]; intros [|b l']; cbn; try easy. intros [= E]. now rewrite IH.
Qed.
