(** * Groups of symmetries and their fixed spaces: by nodes or, with matrices, on scalars *)
From Coq Require Import List NArith Bool.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Nodewise Slopes Kinks Matrices.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** signed permutations node by node; with a matrix somewhere, on scalars *)
Definition check_symmetries (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : option subspace) : bool :=
  if existsb (fun ge => with_matrix (fst ge)) gs then check_group m assumptions gs L else check_nodewise m assumptions gs L.
Lemma check_symmetries_sound m assumptions gs L : check_symmetries m assumptions gs L = true ->
  (forall sigma, admissible m assumptions sigma -> forall g, In g (map fst gs) -> symmetry_for m g sigma) /\
  match L with
  | Some L => fixed_space_is m (map fst gs) L /\ forall sigma, admissible m assumptions sigma -> invariant_for m L sigma
  | None => True
  end.
Proof. unfold check_symmetries. destruct (existsb _ gs); [apply check_group_sound|apply check_nodewise_sound]. Qed.

Definition unless (b : bool) (o : option bool) : option bool := if b then None else o.
(** a subspace that generators fix; a piecewise function taken itself needs the condition on slopes *)
Definition check_fixing (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : option bool :=
  if check_symmetries m assumptions gs (Some L) then unless (kinks m assumptions && negb (slopes_checked m assumptions gs L)) (Some true) else Some false.
Lemma unless_true b o : unless b o = Some true -> b = false /\ o = Some true.
Proof. destruct b; [discriminate|]. auto. Qed.
Lemma check_fixing_sound m assumptions gs L : check_fixing m assumptions gs L = Some true ->
  check_symmetries m assumptions gs (Some L) = true /\ holds_at_kinks m assumptions (Invariant L).
Proof.
  unfold check_fixing. destruct (check_symmetries m assumptions gs (Some L)) eqn:E; [|easy]. intros H. apply unless_true in H as [H _].
  split; [reflexivity|]. intros Hk. rewrite Hk in H. cbn [andb] in H. apply negb_false_iff in H. unfold slopes_checked in H. apply andb_prop in H as [_ H].
  apply (check_slopes_sound m assumptions gs L); [|exact H]. now apply check_symmetries_sound in E.
Qed.
