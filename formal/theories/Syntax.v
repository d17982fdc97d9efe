(** * SPECIFICATION: what a certificate of format version 1 consists of.

    Sections 2, 3, 4 and 6 of docs/format.md, as data types. What is not here is "unsupported". *)
From Coq Require Import List ZArith NArith QArith Ascii.
Import ListNotations.

Definition text := list ascii.

(** ** Models *)
Record decl := { d_name : text; d_shape : list N }.

Inductive node :=
| NParameter (shape : list N) (name : text)
| NStack (shape : list N) (names : list text)
| NInput (shape : list N) (name : text)
| NConstant (shape : list N) (values : list Q)
| NAdd (shape : list N) (args : list N)
| NContract (shape : list N) (args : list N) (terms : list text) (out : text)
| NGather (shape : list N) (arg : N) (indices : list (option N))     (* None is written -1 *)
| NScatter (shape : list N) (arg : N) (indices : list (option N))
| NApply (shape : list N) (arg : N) (activation : text) (order : N).

Inductive class := Generic | Odd_class | Even_class | Generic0 | Flat_class.
Inductive definition :=
| Class (c : class)
| Polynomial (coefficients : list Q)          (* the coefficient of z^k at place k *)
| Piecewise (left right : Q)
| Named (name : text).

Record model := {
  m_activations : list (text * definition);
  m_inputs : list decl;
  m_nodes : list node;
  m_outputs : list N;
  m_parameters : list decl
}.

(** ** Claims *)
Inductive fact := Even | Flat | Odd | Zero.
Inductive assumption := Itself | Facts (l : list fact).

Record row := { r_constant : Q; r_entries : list (N * Q) }.
Record subspace := { s_dimension : N; s_rows : list row }.

Inductive action :=
| Monomial (permutation : list N) (signs : list bool)                (* true is written -1 *)
| Matrix (rows : list (list Q)).
Definition node_actions := list (N * list (option N)).               (* None is written -1 *)
Record generator := { g_actions : list action; g_nodes : node_actions }.

(** a term of a polynomial: coefficient and parameter indices *)
Definition law := list (Q * list N).
Definition point := list (text * list Q).
(** an example of a data set: the inputs by name, a target for every output, a positive weight *)
Record example := { d_input : point; d_target : list (list Q); d_weight : Q }.
(** a polynomial in parameters and inputs: coefficients, parameter indices, input indices *)
Definition prediction := list (Q * list N * list N).

(** a row of the table of section 9, and a type of orbits with its numbers; [t_count] and the total are -1 for "infinitely many" *)
Inductive table_row := Row_plain | Row_odd | Row_zero | Row_flat | Row_flat_zero.
Record stratum := { t_blocks : list N; t_count : Z; t_dimension : N; t_patterns : N; t_points : list point; t_zero : N }.

(** where the dynamics of a factorisation are intrinsic ("orbit" is not known here) *)
Inductive place := Near_point | Whole_level.

Inductive claim :=
| Invariant (L : subspace)
| NotInvariant (L : subspace)
| Symmetry (gs : list generator)
| FixedSpace (gs : list generator) (L : subspace)
| ConservationLaws (generic : Z) (laws : list law) (rank : N)
| OrbitDimension (p : point) (lower upper : N)
| Lattice (beyond : list subspace) (edges : list (N * N)) (gs : list generator) (nodes : list subspace) (conjugacy : bool)
| Hull (p : point) (L : subspace)
(* section 8: the rows of [map] are affine forms, Σ entries + constant *)
| Quotient (map : list row) (metric : list Q) (small : model) (L : subspace)
| DataInvariant (data : list example) (gs : list generator) (predictor : list prediction) (L : subspace)
| Classification (row : table_row) (strata : list stratum) (induced : bool) (total : Z)
| Intrinsic (laws : list law) (lower : N) (p : point) (rank upper : N) (at_place : place).

(** ** Proofs *)
Record witness := {
  w_equation : N;
  w_input : point;
  w_members : list (text * list Q);
  w_output : N * N;
  w_theta : point
}.

(** the gradient of v·F at an input: the covector v has the coefficient c at output entry (k, i) *)
Record vfield := { v_covector : list (N * N * Q); v_input : point }.
(** infinitesimal generators: symmetric matrices, weights on the axes of nodes, and where they act on one slice only *)
Record scaling := {
  e_actions : list (list (N * N * Q));
  e_nodes : list (N * list (option N * Q));
  e_slice : option (list (N * N) * N)
}.
Inductive part_proof := LawIdentity | LawScaling (gs : list scaling).
Inductive law_proof := LawPart (p : part_proof) | LawJoint (parts : list (N * part_proof)).
(** exponential functions modulo [x_modulus]: the residues of e^(1/N), N = [x_denominator], and for sin and cos those of e^(i/N) and of i *)
Record exponential_bases := { x_denominator : N; x_imaginary : option (N * N); x_modulus : N; x_real : N }.
(** number systems of lower bounds: residues; with residues of exponentials; with functions at arguments 0 *)
Inductive number_system := Modulo (p : N) | WithBases (x : exponential_bases) | WithConstants (values : list (text * N)) (p : N).
(** bounds of orbit dimensions *)
Inductive lower :=
| LowerNone
| LowerWords (columns : list N) (determinant : N) (fields : list vfield) (numbers : number_system) (words : list (list N))
| LowerTransport (control : list (list Q * N)) (curve : list (list N)) (fields : list vfield) (numbers : number_system) (words : list (list N))
| LowerPullback (adjoint : list (list (list N))) (columns : list N) (control : list (list Q * N)) (curve : list (list N)) (determinant : N)
    (fields : list vfield) (numbers : number_system) (vectors : list (N * N))
(* words in interval arithmetic *)
| LowerBalls (columns : list N) (fields : list vfield) (precision : N) (words : list (list N)).
Inductive invariance := InvSymmetry (gs : list generator) | InvCongruence | InvIdentity.
Record invariant_subspace := { i_assumptions : list (text * assumption); i_proof : invariance; i_subspace : subspace }.
(** gradients of laws that are independent: the columns and the numbers of the laws, modulus and determinant *)
Record minor := { m_columns : list N; m_determinant : N; m_modulus : N; m_rows : list N }.
Inductive upper :=
| UpperFull
| UpperLaws (how : law_proof) (laws : list law) (d : minor) (within : option invariant_subspace)
| UpperModule (f : vfield) (modulus : N)
| UpperGates (frozen : list N) (how : law_proof) (laws : list law) (d : minor).

(** lattices: how a subspace beyond symmetry is shown to be invariant *)
Inductive beyond_proof := BeyondInvariance (p : invariance) | BeyondIntersection (i j : N).
(** hulls: directions of every invariant affine subspace through the point *)
Record solution := { u_control : list (list Q * N); u_curve : list (list N) }.
Inductive minimal :=
| MinimalChain (steps : list (vfield * list Q))
| MinimalFlows (curves : list solution) (fields : list vfield)
| MinimalOrbit (l : lower).
(** sparse matrices on the axes of nodes, and relations between nodes of the two networks ([None]: the node is 0) *)
Record axis := { x_sum : bool; x_rows : list (list (N * Q)); x_width : N }.
Definition relation := (N * option N * list (option N))%type.
(** a product of matrices: names of parameters, true where transposed *)
Inductive block :=
| Balanced (factors : list (text * bool)) (identities : list (list (N * law)))
| Signature (alpha beta : Q) (factors : list (text * bool)).
Record bounds_proof := { b_lower : lower; b_members : list (text * list Q); b_upper : upper }.

(** the curve with coefficients [w_theta] of the witness, then [u_steps]; residues modulo [u_modulus], also of the transcendental constants *)
Record series_curve := { u_constants : list (text * N); u_modulus : N; u_order : N; u_steps : list point }.
Inductive proof :=
| NoProof
| BySymmetry (gs : list generator)
| ByCongruence
| ByIdentity
| ByRational (w : witness) (value : Q)
| ByResidue (w : witness) (modulus value : N)
| ByBall (w : witness) (precision : N) (lower upper : Q)
| ByEquivariance (nodes : list node_actions)
| ByBounds (l : lower) (members : list (text * list Q)) (u : upper)
| ByLaws (how : law_proof) (d : minor) (l : lower) (members : list (text * list Q)) (p : point)
| ByClosure (beyond : list beyond_proof) (nodes : list node_actions)
| ByOrbits (images : list (list (N * list N))) (nodes : list node_actions)
| ByHull (s : list (text * assumption)) (how : invariance) (members : list (text * list Q)) (least : minimal) (modulus : option N)
| ByComparison (i : invariance)
| ByExpansion (axes : list axis) (i : invariance) (relations : list relation)
| ByExponential (w : witness) (x : exponential_bases) (value : N)
| ByTable (members : list (text * list Q)) (strata : list (list lower * option invariant_subspace))
| BySeries (w : witness) (x : series_curve) (value : N)
| ByRecoverable (determinant : N) (how : law_proof) (lie : bounds_proof) (modulus : N) (rows : list N)
| ByProducts (blocks : list block) (how : law_proof) (lie : bounds_proof).

Record certificate := {
  c_assumptions : list (text * assumption);
  c_claim : claim;
  c_meta : list (text * text);
  c_model : model;
  c_proof : proof
}.
