(** * Claims of symmetry with signed permutations, piecewise activations included. *)
From Coq Require Import List ZArith NArith QArith Reals Ascii String Bool Lia FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Nodewise Slopes.
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
  | _ => True
  end.

(** ** The checks; [None]: unsupported *)
(** 1/z is not differentiable at 0, and [differentiable] would be void *)
Definition slopes_checked (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : bool :=
  negb (taken_itself m assumptions partial_definition) && check_slopes m assumptions gs L.
Definition decide_fixed (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : option bool :=
  if negb (check_nodewise m assumptions gs (Some L)) then Some false
  else if kinks m assumptions && negb (slopes_checked m assumptions gs L) then None
  else Some true.
Definition monomial_only (gs : list generator) : bool :=
  forallb (fun g => forallb (fun a => match a with Monomial _ _ => true | Matrix _ => false end) (g_actions g)) gs.
(** functions of the format that Meaning.v does not define: with them the assumptions of a claim would be void *)
Definition not_defined (d : definition) : bool := match d with Named n => is "erf" n || is "gelu" n | Class _ => true | _ => false end.
Definition decide_symmetries (m : model) (assumptions : list (text * assumption)) (c : claim) (p : proof) : option bool :=
  if negb (orders_zero m) || taken_itself m assumptions not_defined then None else
  match c, p with
  | Invariant L, BySymmetry gs =>
    if monomial_only gs then decide_fixed m assumptions (map (fun g => (g, g_nodes g)) gs) L else None
  | Symmetry gs, ByEquivariance l =>
    if monomial_only gs then Some (has_length l (length_n gs) && check_nodewise m assumptions (combine gs l) None) else None
  | FixedSpace gs L, ByEquivariance l =>
    if negb (monomial_only gs) then None
    else if has_length l (length_n gs) then decide_fixed m assumptions (combine gs l) L else Some false
  | _, _ => None
  end.

(** ** Soundness *)
Lemma decide_fixed_sound m assumptions gs L : decide_fixed m assumptions gs L = Some true ->
  (forall sigma, admissible m assumptions sigma -> (forall g, In g (map fst gs) -> symmetry_for m g sigma) /\ invariant_for m L sigma) /\
  fixed_space_is m (map fst gs) L /\
  (kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma).
Proof.
  unfold decide_fixed. destruct (check_nodewise m assumptions gs (Some L)) eqn:E; [|easy]. cbn [negb].
  apply check_nodewise_sound in E as (S & HF & I).
  destruct (kinks m assumptions && negb (slopes_checked m assumptions gs L)) eqn:K; [easy|]. intros _.
  split; [intros sigma Ha; split; [now apply S|now apply I]|]. split; [exact HF|].
  intros Hk. rewrite Hk in K. cbn [andb] in K. apply negb_false_iff in K. unfold slopes_checked in K. apply andb_prop in K as [_ K].
  now apply (check_slopes_sound m assumptions gs L).
Qed.
Lemma fst_combine {A B} (l : list A) (l' : list B) : has_length l' (length_n l) = true -> map fst (combine l l') = l.
Proof.
  intros H. apply has_length_ok in H. rewrite length_n_ok in H. assert (E : List.length l' = List.length l) by lia. clear H.
  revert l' E. induction l as [|a l IH]; intros [|b l']; cbn; try easy. intros [= E]. now rewrite IH.
Qed.
Theorem decide_symmetries_sound m assumptions c p : decide_symmetries m assumptions c p = Some true ->
  claim_holds m assumptions c /\ holds_at_kinks m assumptions c.
Proof.
  unfold decide_symmetries. destruct (negb (orders_zero m) || taken_itself m assumptions not_defined); [easy|].
  destruct c, p; try discriminate.
  - destruct (monomial_only _); [|discriminate]. intros H. apply decide_fixed_sound in H as (H & _ & K).
    split; [intros sigma Ha; now apply H|exact K].
  - destruct (monomial_only _); [|discriminate]. intros [= H]. apply andb_prop in H as [H1 H]. apply check_nodewise_sound in H as [H _].
    rewrite fst_combine in H by exact H1. split; [exact H|exact I].
  - destruct (monomial_only _); [|discriminate]. cbn [negb]. destruct (has_length _ _) eqn:H1; [|discriminate]. intros H.
    apply decide_fixed_sound in H as (H & HF & K). rewrite fst_combine in H, HF by exact H1.
    split; [split; [exact HF|exact H]|exact K].
Qed.
