(** * Claims of symmetry with signed permutations, piecewise activations included. *)
From Coq Require Import List ZArith NArith QArith Reals Ascii String Bool Lia FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Nodewise Samples Slopes DataSlopes.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** SPECIFICATION *)
Definition taken_itself (m : model) (assumptions : list (text * assumption)) (wanted : definition -> bool) : bool :=
  existsb (fun e => match find (fst e) assumptions with Some Itself => wanted (snd e) | _ => false end) (m_activations m).
Definition kinks (m : model) (assumptions : list (text * assumption)) : bool := taken_itself m assumptions piecewise_definition.
(** no argument of a piecewise function taken itself is 0 at all points of the subspace and all inputs of network [m'] *)
Definition no_lasting_kink (m m' : model) (assumptions : list (text * assumption)) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall k s a f o, nth_error (m_nodes m') k = Some (NApply s a f o) -> kinked m assumptions f = true -> forall i, (i < size s)%N ->
  exists theta x, in_subspace L theta /\ value m' sigma theta x a i <> 0%R.
Definition whole (m : model) : subspace := {| s_dimension := dimension m; s_rows := [] |}.
(** what is claimed beyond [claim_holds] of a piecewise function taken itself: invariance with every slope at 0; of a reduced network,
    that no argument is 0 throughout, so that [claim_holds] is about all points that the format considers *)
Definition holds_at_kinks (m : model) (assumptions : list (text * assumption)) (c : claim) : Prop :=
  match c with
  | Invariant L | FixedSpace _ L =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma
  | Lattice beyond _ gs nodes _ =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma ->
    (forall L, In L (nodes ++ beyond) -> invariant_with_slopes m assumptions L sigma) /\
    (forall l L, incl l gs -> same (in_subspace L) (all_fix m l) -> invariant_with_slopes m assumptions L sigma)
  | Quotient _ _ small L =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> no_lasting_kink m m assumptions L sigma /\ no_lasting_kink m small assumptions (whole small) sigma
  | DataInvariant data gs _ L =>
    kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma ->
    data_invariant_with_slopes m assumptions data gs L sigma
  | _ => True
  end.

(** ** The checks; [None]: unsupported *)
(** 1/z is not differentiable at 0, and [differentiable] would be void *)
Definition slopes_checked (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : bool :=
  negb (taken_itself m assumptions partial_definition) && check_slopes m assumptions gs L.
Definition kinks_shown (m m' : model) (assumptions : list (text * assumption)) (L : subspace) : bool :=
  let ss := map (sample_of m' assumptions L) [0; 1; 2]%N in
  forallb (fun n => match n with
    | NApply s a f _ => negb (kinked m assumptions f) || forallb (fun i => shown_nonzero ss (a, i)) (nrange (size s))
    | _ => true end) (m_nodes m').
Lemma kinks_shown_ok m m' assumptions L sigma : admissible m' assumptions sigma -> kinks_shown m m' assumptions L = true -> no_lasting_kink m m' assumptions L sigma.
Proof.
  unfold kinks_shown. cbv zeta. intros Ha H k s a f o Hn Hk i Hi. rewrite forallb_forall in H. specialize (H _ (nth_error_In _ _ Hn)). cbv beta iota in H.
  rewrite Hk in H. cbn [negb orb] in H. rewrite forallb_forall in H. apply (shown_nonzero_ok m' assumptions sigma L [0; 1; 2]%N a i Ha). apply H. rewrite nrange_ok. now apply in_upto.
Qed.
Lemma fst_combine {A B} (l : list A) (l' : list B) : has_length l' (length_n l) = true -> map fst (combine l l') = l.
Proof.
  intros H. apply has_length_ok in H. rewrite length_n_ok in H. assert (E : List.length l' = List.length l) by lia. clear H.
  revert l' E. induction l as [|a l IH]; intros [|b l']; cbn; try easy. intros [= E]. now rewrite IH.
Qed.
