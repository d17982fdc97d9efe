(** * Groups of symmetries and their fixed spaces: by nodes or, with matrices, on scalars *)
From Coq Require Import List Bool.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Nodewise Matrices.
Import ListNotations.
Local Open Scope list_scope.

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
