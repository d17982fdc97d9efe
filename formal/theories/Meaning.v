(** * SPECIFICATION: what a model computes and what a claim says, over the real numbers.

    An array is a function from flat (row-major) indices; parameters and inputs are numbered as in
    docs/format.md. Derivatives are Coquelicot's. Nothing in this file is executed. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii String Bool Permutation Sorted.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Expr Syntax Printer Parser Functions.
From SimCert Require Import ClassificationMeaning.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Definition arr := N -> R.
Definition size (shape : list N) : N := fold_right N.mul 1%N shape.
Definition upto (n : N) : list N := List.map N.of_nat (seq 0 (N.to_nat n)).
Definition rsum {A} (f : A -> R) (l : list A) : R := fold_right Rplus 0 (List.map f l).
Definition rprod {A} (f : A -> R) (l : list A) : R := fold_right Rmult 1 (List.map f l).
Definition at_ {A} (l : list A) (i : N) (d : A) : A := nth (N.to_nat i) l d.

(** parameter number [p] (or entry [p] of the inputs) of a vector *)
Definition entry (v : vec) (p : N) : R := v (N.succ_pos p).

Fixpoint find {A} (k : text) (l : list (text * A)) : option A :=
  match l with [] => None | (t, a) :: l' => if text_eqb k t then Some a else find k l' end.
(** how many entries are declared before this name *)
Fixpoint offset (l : list decl) (name : text) : N :=
  match l with
  | [] => 0%N
  | d :: l' => if text_eqb name (d_name d) then 0%N else (size (d_shape d) + offset l' name)%N
  end.
Definition dimension (m : model) : N := fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_parameters m).

Definition shape_of (n : node) : list N :=
  match n with
  | NParameter s _ | NStack s _ | NInput s _ | NConstant s _ | NAdd s _ | NContract s _ _ _
  | NGather s _ _ | NScatter s _ _ | NApply s _ _ _ => s
  end.
Definition node_at (m : model) (k : N) : node := at_ (m_nodes m) k (NAdd [] []).
Definition shape_at (m : model) (k : N) : list N := shape_of (node_at m k).

(** ** Contractions: an environment gives every letter an index *)
Definition env := list (ascii * N).
Fixpoint letter_index (e : env) (c : ascii) : N :=
  match e with [] => 0%N | (c', k) :: e' => if Ascii.eqb c c' then k else letter_index e' c end.
(** the flat index of the entry that the environment selects; [acc] is 0 at the start *)
Fixpoint flat (term : text) (shape : list N) (e : env) (acc : N) : N :=
  match term, shape with
  | c :: t, n :: s => flat t s e (acc * n + letter_index e c)
  | _, _ => acc
  end.
(** the environment of the letters of the output at its flat index [i] *)
Fixpoint unflat (term : text) (shape : list N) (i : N) : env :=
  match term, shape with
  | c :: t, n :: s => (c, (i / size s)%N) :: unflat t s (i mod size s)
  | _, _ => []
  end.
Fixpoint sum_over (letters : list (ascii * N)) (f : env -> R) (e : env) : R :=
  match letters with
  | [] => f e
  | (c, n) :: l => rsum (fun k => sum_over l f ((c, k) :: e)) (upto n)
  end.
Definition occurs (c : ascii) (l : list (ascii * N)) : bool := existsb (fun p => Ascii.eqb c (fst p)) l.
(** the letters of the terms that are not in the output, once each, with their sizes *)
Definition summed (terms : list text) (shapes : list (list N)) (out : text) : list (ascii * N) :=
  fold_left (fun acc p => if existsb (Ascii.eqb (fst p)) out || occurs (fst p) acc then acc else acc ++ [p])
    (List.concat (List.map (fun ts => combine (fst ts) (snd ts)) (combine terms shapes))) [].

(** index of entry [i] of a parameter or stack node among all parameters *)
Definition leaf_index (m : model) (n : node) (i : N) : N :=
  match n with
  | NParameter _ name => (offset (m_parameters m) name + i)%N
  | NStack s names =>
    let block := size (tl s) in
    (offset (m_parameters m) (at_ names (i / block) []) + i mod block)%N
  | _ => i
  end.

(** ** The value of a model; [sigma] gives a function for every activation *)
Section Value.
Variable m : model.
Variable sigma : text -> R -> R.
Variables theta x : vec.

Definition node_value (v : N -> arr) (n : node) : arr := fun i =>
  match n with
  | NParameter _ _ | NStack _ _ => entry theta (leaf_index m n i)
  | NInput _ name => entry x (offset (m_inputs m) name + i)
  | NConstant _ values => Q2R (at_ values i 0%Q)
  | NAdd _ args => rsum (fun a => v a i) args
  | NContract s args terms out =>
    let shapes := List.map (shape_at m) args in
    sum_over (summed terms shapes out)
      (fun e => rprod (fun at_s => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) (combine args (combine terms shapes)))
      (unflat out s i)
  | NGather _ a indices => match at_ indices i None with Some k => v a k | None => 0 end
  | NScatter _ a indices =>
    rsum (fun j => match at_ indices j None with Some k => if N.eqb k i then v a j else 0 | None => 0 end) (upto (size (shape_at m a)))
  | NApply _ a f k => Derive_n (sigma f) (N.to_nat k) (v a i)
  end.

Fixpoint run (nodes : list node) (k : N) (v : N -> arr) : N -> arr :=
  match nodes with
  | [] => v
  | n :: l => run l (N.succ k) (fun j => if N.eqb j k then node_value v n else v j)
  end.
(** entry [i] of node [k] *)
Definition value : N -> arr := run (m_nodes m) 0%N (fun _ _ => 0).

(** every activation has a derivative where it is applied *)
Definition regular : Prop := forall k s a f o i,
  nth_error (m_nodes m) k = Some (NApply s a f o) -> (i < size s)%N -> ex_derive (sigma f) (value a i).
End Value.

(** entry [i] of the output number [k], as a function of the parameters *)
Definition output_entry (m : model) (k i : N) : Prop := exists n, nth_error (m_outputs m) (N.to_nat k) = Some n /\ (i < size (shape_at m n))%N.
Definition F (m : model) (sigma : text -> R -> R) (x : vec) (k i : N) (theta : vec) : R :=
  value m sigma theta x (at_ (m_outputs m) k 0%N) i.
Definition partial_p (f : vec -> R) (p : N) (theta : vec) : R := partial f (N.succ_pos p) theta.
Definition gradient_exists (m : model) (f : vec -> R) (theta : vec) : Prop :=
  forall p, (p < dimension m)%N -> ex_partial f (N.succ_pos p) theta.

(** ** Activations *)
Definition fact_holds (s : R -> R) (f : fact) : Prop :=
  match f with
  | Odd => forall t, s (- t) = - s t
  | Even => forall t, s (- t) = s t
  | Zero => s 0 = 0
  | Flat => Derive s 0 = 0
  end.
Fixpoint polynomial (c : list Q) (t : R) : R := match c with [] => 0 | a :: c' => Q2R a + t * polynomial c' t end.
Local Open Scope string_scope.
(** the functions of the format *)
Definition named : list (string * (R -> R)) :=
  [("tanh", tanh); ("sin", sin); ("cos", cos); ("exp", exp); ("sinh", sinh); ("cosh", cosh); ("arctan", atan);
   ("gaussian", fun t => exp (- (t * t))); ("expm1", fun t => exp t - 1);
   ("sigmoid", fun t => / (1 + exp (- t))); ("silu", fun t => t / (1 + exp (- t)));
   ("softplus", fun t => ln (1 + exp t)); ("logcosh", fun t => ln (cosh t));
   ("reciprocal", Rinv); ("rsqrt", fun t => / sqrt t); ("erf", erf); ("gelu", gelu)].
Local Close Scope string_scope.
Definition function_of (d : definition) : option (R -> R) :=
  match d with
  | Polynomial c => Some (polynomial c)
  | Piecewise s t => Some (fun z => if Rle_dec 0 z then Q2R t * z else Q2R s * z)
  | Named n => find n (List.map (fun e => (txt (fst e), snd e)) named)
  | Class _ => None
  end.
Definition class_facts (c : class) : list fact :=
  match c with Generic => [] | Odd_class => [Odd] | Even_class => [Even] | Generic0 => [Zero] | Flat_class => [Flat] end.

(** [sigma] is what the claim speaks about *)
Definition admissible (m : model) (assumptions : list (text * assumption)) (sigma : text -> R -> R) : Prop :=
  forall f d, In (f, d) (m_activations m) ->
  match find f assumptions with
  | Some (Facts l) => forall h, In h l -> fact_holds (sigma f) h
  | Some Itself => exists g, function_of d = Some g /\ forall t, sigma f t = g t
  | None => False
  end.
(** every class has become a polynomial with its facts, every other activation is itself *)
Definition polynomial_members (m : model) (sigma : text -> R -> R) : Prop :=
  forall f d, In (f, d) (m_activations m) ->
  match d with
  | Class c => (exists p, forall t, sigma f t = polynomial p t) /\ forall h, In h (class_facts c) -> fact_holds (sigma f) h
  | _ => exists g, function_of d = Some g /\ forall t, sigma f t = g t
  end.

(** ** Subspaces *)
Definition row_of (r : row) (v : vec) : R := rsum (fun e => Q2R (snd e) * entry v (fst e)) (r_entries r).
Definition in_subspace (L : subspace) (theta : vec) : Prop := forall r, In r (s_rows L) -> row_of r theta = Q2R (r_constant r).
(** C applied to the gradient of [f] at [theta] *)
Definition row_gradient (r : row) (f : vec -> R) (theta : vec) : R :=
  rsum (fun e => Q2R (snd e) * partial_p f (fst e) theta) (r_entries r).

Definition invariant_for (m : model) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall theta, in_subspace L theta -> forall x, regular m sigma theta x ->
  forall k i, output_entry m k i ->
  gradient_exists m (F m sigma x k i) theta /\
  forall r, In r (s_rows L) -> row_gradient r (F m sigma x k i) theta = 0.

Definition not_invariant_for (m : model) (L : subspace) (sigma : text -> R -> R) : Prop :=
  exists theta x k i r, in_subspace L theta /\ regular m sigma theta x /\ output_entry m k i /\
  gradient_exists m (F m sigma x k i) theta /\
  In r (s_rows L) /\ row_gradient r (F m sigma x k i) theta <> 0.

(** ** Symmetries *)
Definition action_entry (a : option action) (i j : N) : R :=
  match a with
  | None => if N.eqb i j then 1 else 0
  | Some (Monomial p s) => if N.eqb (at_ p i 0%N) j then (if at_ s i false then -1 else 1) else 0
  | Some (Matrix rows) => Q2R (at_ (at_ rows i []) j 0%Q)
  end.
(** entry (i, j) of the Kronecker product of the actions on the axes *)
Fixpoint kronecker (shape : list N) (acts : list (option action)) (i j : N) : R :=
  match shape, acts with
  | n :: s, a :: l => action_entry a (i / size s) (j / size s) * kronecker s l (i mod size s) (j mod size s)
  | _, _ => 1
  end.
Fixpoint find_n {A} (k : N) (l : list (N * A)) : option A :=
  match l with [] => None | (n, a) :: l' => if N.eqb k n then Some a else find_n k l' end.
(** the actions that a list of actions and node actions give to node [k] *)
Definition actions_at (acts : list action) (nodes : node_actions) (shape : list N) (k : N) : list (option action) :=
  match find_n k nodes with
  | Some l => List.map (fun o => match o with Some j => nth_error acts (N.to_nat j) | None => None end) l
  | None => List.map (fun _ => None) shape
  end.
Definition is_leaf (n : node) : Prop := match n with NParameter _ _ | NStack _ _ => True | _ => False end.
(** theta' = g theta *)
Definition moves (m : model) (g : generator) (theta theta' : vec) : Prop :=
  forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> forall i, (i < size (shape_of n))%N ->
  entry theta' (leaf_index m n i) =
  rsum (fun j => kronecker (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) (N.of_nat k)) i j * entry theta (leaf_index m n j))
    (upto (size (shape_of n))).
Definition squared_norm (m : model) (n : node) (theta : vec) : R :=
  rsum (fun i => entry theta (leaf_index m n i) * entry theta (leaf_index m n i)) (upto (size (shape_of n))).
Definition symmetry_for (m : model) (g : generator) (sigma : text -> R -> R) : Prop :=
  (forall theta, exists theta', moves m g theta theta') /\
  forall theta theta', moves m g theta theta' ->
    (forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> squared_norm m n theta' = squared_norm m n theta) /\
    forall x k i, output_entry m k i -> F m sigma x k i theta' = F m sigma x k i theta.
Definition fixed_space_is (m : model) (gs : list generator) (L : subspace) : Prop :=
  forall theta, in_subspace L theta <-> forall g, In g gs -> moves m g theta theta.

(** ** Conservation laws *)
Definition law_value (h : law) (theta : vec) : R :=
  rsum (fun t => Q2R (fst t) * rprod (entry theta) (snd t)) h.
Definition conserved_for (m : model) (h : law) (sigma : text -> R -> R) : Prop :=
  forall theta x, regular m sigma theta x -> forall k i, output_entry m k i ->
  gradient_exists m (F m sigma x k i) theta /\
  rsum (fun p => partial_p (law_value h) p theta * partial_p (F m sigma x k i) p theta) (upto (dimension m)) = 0.

(** ** Points, and the Lie algebra that the gradient fields generate *)
(** the values of a point in the order of the declarations, row-major *)
Definition flat_values (l : list decl) (p : point) : list Q :=
  List.concat (List.map (fun d => match find (d_name d) p with Some v => v | None => [] end) l).
Definition vector_of (l : list Q) : vec := fun j => Q2R (nth (pred (Pos.to_nat j)) l 0%Q).
Definition point_vector (m : model) (p : point) : vec := vector_of (flat_values (m_parameters m) p).

Definition vector_field := vec -> vec.
Definition field_bracket (m : model) (V W : vector_field) : vector_field := fun theta j =>
  rsum (fun p => entry (V theta) p * partial_p (fun t => W t j) p theta - entry (W theta) p * partial_p (fun t => V t j) p theta)
    (upto (dimension m)).
(** every entry has partial derivatives, and they give the derivative along every line *)
Definition smooth_field (m : model) (V : vector_field) : Prop := forall theta q, (q < dimension m)%N ->
  (forall p, (p < dimension m)%N -> ex_partial (fun t => entry (V t) q) (N.succ_pos p) theta) /\
  (forall v : vec, (forall p, (dimension m <= p)%N -> entry v p = 0) ->
    is_derive (fun t => entry (V (fun j => theta j + t * v j)) q) 0
      (rsum (fun p => entry v p * partial_p (fun t => entry (V t) q) p theta) (upto (dimension m)))).
Inductive lie_algebra (m : model) (sigma : text -> R -> R) : vector_field -> Prop :=
| lie_gradient x k i : output_entry m k i -> lie_algebra m sigma (fun theta j => partial (F m sigma x k i) j theta)
| lie_combination a b V W : lie_algebra m sigma V -> lie_algebra m sigma W -> lie_algebra m sigma (fun theta j => a * V theta j + b * W theta j)
| lie_bracket V W : lie_algebra m sigma V -> lie_algebra m sigma W -> smooth_field m V -> smooth_field m W ->
    lie_algebra m sigma (field_bracket m V W)
| lie_equal V W : (forall theta p, (p < dimension m)%N -> entry (V theta) p = entry (W theta) p) ->
    lie_algebra m sigma V -> lie_algebra m sigma W.
Definition independent (m : model) (ws : list vec) : Prop := forall gs : list R, List.length gs = List.length ws ->
  (forall p, (p < dimension m)%N -> rsum (fun gw => fst gw * entry (snd gw) p) (combine gs ws) = 0) -> List.Forall (fun g => g = 0) gs.
(** [d] is the dimension of { V(theta) : V in Lie(V) } *)
Definition lie_dimension (m : model) (sigma : text -> R -> R) (theta : vec) (d : nat) : Prop :=
  (exists Vs, List.length Vs = d /\ (forall V, In V Vs -> lie_algebra m sigma V) /\ independent m (List.map (fun V => V theta) Vs)) /\
  (forall Vs, (forall V, In V Vs -> lie_algebra m sigma V) -> independent m (List.map (fun V => V theta) Vs) -> (List.length Vs <= d)%nat).
Definition differentiable (m : model) (sigma : text -> R -> R) : Prop :=
  forall f d, In (f, d) (m_activations m) -> forall t, ex_derive (sigma f) t.
Definition gradients_independent (m : model) (hs : list law) (theta : vec) : Prop :=
  independent m (List.map (fun h j => partial (law_value h) j theta) hs).

(** ** Lattices *)
Definition all_fix (m : model) (gs : list generator) (theta : vec) : Prop := forall g, In g gs -> moves m g theta theta.
Definition inside (L L' : subspace) : Prop := forall theta, in_subspace L theta -> in_subspace L' theta.
Definition properly_inside (L L' : subspace) : Prop := inside L L' /\ ~ inside L' L.
(** the group that the generators generate, each element as a relation between theta and its translate *)
Inductive group (m : model) (gs : list generator) : (vec -> vec -> Prop) -> Prop :=
| group_one : group m gs (fun theta theta' => forall p, (p < dimension m)%N -> entry theta' p = entry theta p)
| group_generator g : In g gs -> group m gs (moves m g)
| group_product h h' : group m gs h -> group m gs h' -> group m gs (fun theta theta' => exists mid, h theta mid /\ h' mid theta')
| group_inverse h : group m gs h -> group m gs (fun theta theta' => h theta' theta).
(** hA *)
Definition translate (h : vec -> vec -> Prop) (A : vec -> Prop) (theta' : vec) : Prop := exists theta, A theta /\ h theta theta'.
Definition same (A B : vec -> Prop) : Prop := forall theta, A theta <-> B theta.
(** the pairs in the list are exactly the covering relations of [below] between different numbers *)
Definition covers (size : nat) (below : nat -> nat -> Prop) (edges : list (N * N)) : Prop :=
  forall i j, In (N.of_nat i, N.of_nat j) edges <->
    (i < size)%nat /\ (j < size)%nat /\ i <> j /\ below i j /\ forall k, (k < size)%nat -> k <> i -> k <> j -> below i k -> ~ below k j.
Definition no_subspace : subspace := {| s_dimension := 0; s_rows := [] |}.
Definition lattice_up_to_equality (m : model) (gs : list generator) (nodes beyond : list subspace) (edges : list (N * N)) : Prop :=
  let all := nodes ++ beyond in
  (forall L, In L nodes -> exists l, incl l gs /\ same (in_subspace L) (all_fix m l)) /\
  (forall l, incl l gs -> exists L, In L nodes /\ same (in_subspace L) (all_fix m l)) /\
  (forall i j L L', nth_error all i = Some L -> nth_error all j = Some L' -> i <> j -> ~ same (in_subspace L) (in_subspace L')) /\
  covers (List.length all) (fun i j => inside (nth i all no_subspace) (nth j all no_subspace)) edges.
Definition lattice_up_to_conjugacy (m : model) (gs : list generator) (nodes : list subspace) (edges : list (N * N)) : Prop :=
  (forall h g, group m gs h -> In g gs -> exists g', In g' gs /\ same (translate h (all_fix m [g])) (all_fix m [g'])) /\
  (forall L, In L nodes -> exists l, incl l gs /\ same (in_subspace L) (all_fix m l)) /\
  (forall l, incl l gs -> exists L h, In L nodes /\ group m gs h /\ same (translate h (in_subspace L)) (all_fix m l)) /\
  (forall i j L L' h, nth_error nodes i = Some L -> nth_error nodes j = Some L' -> i <> j -> group m gs h ->
     ~ same (translate h (in_subspace L)) (in_subspace L')) /\
  covers (List.length nodes)
    (fun i j => exists h, group m gs h /\ forall theta, translate h (in_subspace (nth i nodes no_subspace)) theta -> in_subspace (nth j nodes no_subspace) theta) edges.

(** ** Hulls *)
(** an affine subspace that is given by any real equations, and invariant: C theta = c implies C∇F_c(theta)(x) = 0 *)
Definition real_row (m : model) (a : N -> R) (theta : vec) : R := rsum (fun p => a p * entry theta p) (upto (dimension m)).
Definition on_rows (m : model) (rows : list ((N -> R) * R)) (theta : vec) : Prop := forall r, In r rows -> real_row m (fst r) theta = snd r.
Definition invariant_rows (m : model) (rows : list ((N -> R) * R)) (sigma : text -> R -> R) : Prop :=
  forall theta, on_rows m rows theta -> forall x, regular m sigma theta x -> forall k i, output_entry m k i ->
  forall r, In r rows -> real_row m (fst r) (fun j => partial (F m sigma x k i) j theta) = 0.
(** L is contained in every invariant affine subspace that contains the point *)
Definition least_for (m : model) (p : point) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall rows, invariant_rows m rows sigma -> on_rows m rows (point_vector m p) ->
  forall theta, in_subspace L theta -> on_rows m rows theta.
(** ** Reduced networks *)
(** parameter [p] of the small network is the affine form [form q p] of those of the network; the linear parts of all forms are the rows of a matrix A *)
Definition form (q : list row) (p : N) : row := at_ q p {| r_constant := 0; r_entries := [] |}.
Definition image (q : list row) (theta : vec) : vec := fun j => let a := form q (Pos.pred_N j) in row_of a theta + Q2R (r_constant a).
Definition coefficients (a : row) : vec := fun j => rsum (fun e => if Pos.eqb j (N.succ_pos (fst e)) then Q2R (snd e) else 0) (r_entries a).
Definition quotient_for (m : model) (q : list row) (metric : list Q) (small : model) (L : subspace) (sigma : text -> R -> R) : Prop :=
  let parameters := upto (dimension small) in
  (* L is invariant *)
  invariant_for m L sigma /\
  (* both networks have the same output entries, and on L the network is the small one *)
  (forall k i, output_entry m k i <-> output_entry small k i) /\
  (forall theta, in_subspace L theta -> forall x k i, output_entry m k i -> F m sigma x k i theta = F small sigma x k i (image q theta)) /\
  (* the rows of A are directions of L, and A times its transpose is diag(metric); every point of the small network occurs *)
  (forall p r, In p parameters -> In r (s_rows L) -> row_of r (coefficients (form q p)) = 0) /\
  (forall p p', In p parameters -> In p' parameters -> row_of (form q p) (coefficients (form q p')) = if N.eqb p p' then Q2R (at_ metric p 0%Q) else 0) /\
  (forall v, exists theta, in_subspace L theta /\ forall p, In p parameters -> entry (image q theta) p = entry v p) /\
  (* on L the gradients are those of the small network: grad F = A^T grad G, and A grad F = diag(metric) grad G *)
  forall theta, in_subspace L theta -> forall x, regular m sigma theta x -> regular small sigma (image q theta) x ->
  forall k i, output_entry m k i ->
  gradient_exists small (F small sigma x k i) (image q theta) /\
  (forall p, (p < dimension m)%N -> partial_p (F m sigma x k i) p theta =
     rsum (fun p' => entry (coefficients (form q p')) p * partial_p (F small sigma x k i) p' (image q theta)) parameters) /\
  (forall p, In p parameters ->
     row_gradient (form q p) (F m sigma x k i) theta = Q2R (at_ metric p 0%Q) * partial_p (F small sigma x k i) p (image q theta)).
(** ** Data with a symmetry *)
Definition input_vector (m : model) (e : example) : vec := vector_of (flat_values (m_inputs m) (d_input e)).
(** arrays for all outputs: entry i of the array of output k *)
Definition arrays := N -> arr.
Definition target (e : example) : arrays := fun k i => Q2R (at_ (at_ (d_target e) k []) i 0%Q).
Definition outputs_of (m : model) (sigma : text -> R -> R) (theta x : vec) : arrays := fun k i => F m sigma x k i theta.
(** all pairs of an output and one of its entries, in order *)
Definition output_pairs (m : model) : list (N * N) :=
  List.concat (List.map (fun k => List.map (fun i => (k, i)) (upto (size (shape_at m (at_ (m_outputs m) k 0%N)))))
    (upto (N.of_nat (List.length (m_outputs m))))).
(** x' = T x *)
Definition moves_input (m : model) (g : generator) (x x' : vec) : Prop :=
  forall k s name, nth_error (m_nodes m) k = Some (NInput s name) -> forall i, (i < size s)%N ->
  entry x' (offset (m_inputs m) name + i) =
  rsum (fun j => kronecker s (actions_at (g_actions g) (g_nodes g) s (N.of_nat k)) i j * entry x (offset (m_inputs m) name + j)) (upto (size s)).
(** z' = eps z *)
Definition moves_output (m : model) (g : generator) (z z' : arrays) : Prop :=
  forall k n, nth_error (m_outputs m) (N.to_nat k) = Some n -> forall i, (i < size (shape_at m n))%N ->
  z' k i = rsum (fun j => kronecker (shape_at m n) (actions_at (g_actions g) (g_nodes g) (shape_at m n) n) i j * z k j) (upto (size (shape_at m n))).
(** g is an orthogonal map of the parameters with F(g theta)(T x) = eps F(theta)(x) *)
Definition equivariance_for (m : model) (g : generator) (sigma : text -> R -> R) : Prop :=
  (forall theta, exists theta', moves m g theta theta') /\
  forall theta theta', moves m g theta theta' ->
    (forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> squared_norm m n theta' = squared_norm m n theta) /\
    forall x x', moves_input m g x x' -> moves_output m g (outputs_of m sigma theta x) (outputs_of m sigma theta' x').
Definition closed_under (m : model) (g : generator) (data : list example) : Prop := forall e, In e data ->
  exists e', In e' data /\ Q2R (d_weight e') = Q2R (d_weight e) /\
  moves_input m g (input_vector m e) (input_vector m e') /\ moves_output m g (target e) (target e').
(** a loss of outputs and targets; [d] is its (total) derivative by the outputs at (z, y) *)
Definition loss := arrays -> arrays -> R.
Definition loss_derivative (m : model) (l : loss) (z y : arrays) (d : N * N -> R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall z',
  (forall k i, In (k, i) (output_pairs m) -> Rabs (z' k i - z k i) <= delta) ->
  Rabs (l z' y - l z y - rsum (fun e => d e * (z' (fst e) (snd e) - z (fst e) (snd e))) (output_pairs m))
  <= eps * rsum (fun e => Rabs (z' (fst e) (snd e) - z (fst e) (snd e))) (output_pairs m).
Definition differentiable_loss (m : model) (l : loss) : Prop := forall z y, exists d, loss_derivative m l z y d.
(** l(eps z, eps y) = l(z, y) for all generators *)
Definition symmetric_loss (m : model) (gs : list generator) (l : loss) : Prop :=
  forall g, In g gs -> forall z z' y y', moves_output m g z z' -> moves_output m g y y' -> l z' y' = l z y.
Definition risk (m : model) (sigma : text -> R -> R) (l : loss) (data : list example) (theta : vec) : R :=
  rsum (fun e => Q2R (d_weight e) * l (outputs_of m sigma theta (input_vector m e)) (target e)) data.
Definition data_invariant_for (m : model) (data : list example) (gs : list generator) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall l, differentiable_loss m l -> symmetric_loss m gs l ->
  forall theta, in_subspace L theta -> (forall e, In e data -> regular m sigma theta (input_vector m e)) ->
  gradient_exists m (risk m sigma l data) theta /\ forall r, In r (s_rows L) -> row_gradient r (risk m sigma l data) theta = 0.
Definition prediction_value (f : prediction) (theta x : vec) : R :=
  rsum (fun t => Q2R (fst (fst t)) * rprod (entry theta) (snd (fst t)) * rprod (entry x) (snd t)) f.
(** on L every output entry is its polynomial, for all inputs *)
Definition predicted_for (m : model) (predictor : list prediction) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall k i f, In (k, i, f) (combine (output_pairs m) predictor) ->
  forall theta, in_subspace L theta -> forall x, F m sigma x k i theta = prediction_value f theta x.
(** ** Classifications (section 9): the numbers are those of ClassificationMeaning.v *)
(** F is Σ a_i σ(w_i·x), σ the activation [f]; [units] lists for every unit the parameter indices of a_i and of the entries of w_i, which meet the
    entries [inputs] of x; every parameter is there once, and there is one output entry *)
Definition two_layers (m : model) (f : text) (units : list (N * list N)) (inputs : list N) : Prop :=
  (forall k i, output_entry m k i <-> k = 0%N /\ i = 0%N) /\
  Permutation (List.concat (List.map (fun u => fst u :: snd u) units)) (upto (dimension m)) /\
  Permutation inputs (upto (fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_inputs m))) /\
  (forall u, In u units -> List.length (snd u) = List.length inputs) /\
  forall sigma theta x, F m sigma x 0%N 0%N theta =
    rsum (fun u => entry theta (fst u) * sigma f (rsum (fun pq => entry theta (fst pq) * entry x (snd pq)) (combine (snd u) inputs))) units.
(** [t] says exactly what holds for g, and g is in a row of the theorem: g is not affine, and no polynomial where g'(0) = 0 *)
Definition has_features (t : features) (g : R -> R) : Prop :=
  ex_derive g 0 /\ (at0 t = true <-> g 0 = 0) /\ (slope0 t = true <-> Derive g 0 = 0) /\
  (is_odd t = true <-> forall z, g (- z) = - g z) /\ (is_even t = true <-> forall z, g (- z) = g z) /\
  (~ exists a b, forall z, g z = a + b * z) /\
  (Derive g 0 <> 0 \/ ~ exists c : list R, forall z, g z = fold_right (fun a r => a + z * r) 0 c).
(** of a class only what holds for every member is known; that the rest does not hold is a hypothesis of the theorem that is cited *)
Definition respects (t : features) (g : R -> R) : Prop :=
  (at0 t = true -> g 0 = 0) /\ (slope0 t = true -> Derive g 0 = 0) /\ (is_odd t = true -> forall z, g (- z) = - g z) /\
  (is_even t = true -> forall z, g (- z) = g z).
Definition particles (m : model) (units : list (N * list N)) (p : point) : list particle :=
  let v := flat_values (m_parameters m) p in List.map (fun u => (at_ v (fst u) 0%Q, List.map (fun j => at_ v j 0%Q) (snd u))) units.
(** the strata are all types, each once and in order, with their numbers; the points are of their types and have different patterns *)
Definition table_holds (m : model) (t : features) (units : list (N * list N)) (d : N) (strata : list stratum) (induced : bool) (total : Z) : Prop :=
  (forall ty, In ty (List.map type_of strata) <-> is_type (table_row_of t) (count_of units) ty) /\
  StronglySorted (fun a b => type_lt (type_of a) (type_of b) = true) strata /\
  (forall s, In s strata ->
    t_count s = orbit_count t d (type_of s) /\ t_dimension s = orbit_dimension t d (type_of s) /\
    t_patterns s = count_of (all_patterns t (List.length (t_blocks s))) /\ t_points s <> [] /\
    (forall p, In p (t_points s) -> structure t (particles m units p) = type_of s) /\
    let found := List.map (fun p => pattern_of t (particles m units p)) (t_points s) in
    NoDup found /\ incl found (all_patterns t (List.length (t_blocks s)))) /\
  total = total_count (List.map t_count strata) /\ induced = induced_by_symmetry t (count_of units).
Definition classification_holds (m : model) (assumptions : list (text * assumption)) (row : table_row) (strata : list stratum) (induced : bool) (total : Z)
  : Prop :=
  (exists f d units inputs t, two_layers m f units inputs /\ In (f, d) (m_activations m) /\ table_row_of t = row /\
    match d with
    | Class c => t = class_features c /\ forall sigma, admissible m assumptions sigma -> differentiable m sigma -> respects t (sigma f)
    | _ => exists g, function_of d = Some g /\ has_features t g
    end /\ table_holds m t units (count_of inputs) strata induced total) /\
  (exists sigma, polynomial_members m sigma /\ differentiable m sigma /\
    forall s p, In s strata -> In p (t_points s) -> lie_dimension m sigma (point_vector m p) (N.to_nat (t_dimension s))) /\
  (forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
    forall s p d, In s strata -> In p (t_points s) -> lie_dimension m sigma (point_vector m p) d -> (d <= N.to_nat (t_dimension s))%nat).

(** ** Claims *)
Definition claim_holds (m : model) (assumptions : list (text * assumption)) (c : claim) : Prop :=
  match c with
  | Invariant L => forall sigma, admissible m assumptions sigma -> invariant_for m L sigma
  | NotInvariant L => exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma
  | Symmetry gs => forall sigma, admissible m assumptions sigma -> forall g, In g gs -> symmetry_for m g sigma
  | FixedSpace gs L =>
    fixed_space_is m gs L /\
    forall sigma, admissible m assumptions sigma -> (forall g, In g gs -> symmetry_for m g sigma) /\ invariant_for m L sigma
  | ConservationLaws generic laws rank =>
    (forall sigma, admissible m assumptions sigma -> forall h, In h laws -> conserved_for m h sigma) /\
    (exists theta hs, List.length hs = N.to_nat rank /\ incl hs laws /\ gradients_independent m hs theta) /\
    ((0 <= generic)%Z -> (Z.to_N generic + rank = dimension m)%N /\
      exists sigma, polynomial_members m sigma /\ differentiable m sigma /\ exists theta eps, 0 < eps /\
      forall theta', (forall j, Rabs (theta' j - theta j) < eps) -> lie_dimension m sigma theta' (Z.to_nat generic))
  | OrbitDimension p low up =>
    (exists sigma, polynomial_members m sigma /\ differentiable m sigma /\
      exists d, lie_dimension m sigma (point_vector m p) d /\ (N.to_nat low <= d <= N.to_nat up)%nat) /\
    (forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
      forall d, lie_dimension m sigma (point_vector m p) d -> (d <= N.to_nat up)%nat)
  | Lattice beyond edges gs nodes conjugacy =>
    (forall sigma, admissible m assumptions sigma ->
      (forall g, In g gs -> symmetry_for m g sigma) /\ (forall L, In L (nodes ++ beyond) -> invariant_for m L sigma) /\
      (forall l L, incl l gs -> same (in_subspace L) (all_fix m l) -> invariant_for m L sigma)) /\
    (if conjugacy then lattice_up_to_conjugacy m gs nodes edges else lattice_up_to_equality m gs nodes beyond edges)
  | Hull p L =>
    in_subspace L (point_vector m p) /\
    (forall sigma, admissible m assumptions sigma -> invariant_for m L sigma) /\
    exists sigma, polynomial_members m sigma /\ differentiable m sigma /\ least_for m p L sigma
  | Quotient q metric small L => forall sigma, admissible m assumptions sigma -> quotient_for m q metric small L sigma
  | DataInvariant data gs predictor L =>
    fixed_space_is m gs L /\ (forall g, In g gs -> closed_under m g data) /\
    forall sigma, admissible m assumptions sigma ->
      (forall g, In g gs -> equivariance_for m g sigma) /\ data_invariant_for m data gs L sigma /\ predicted_for m predictor L sigma
  | Classification row strata induced total => classification_holds m assumptions row strata induced total
  end.
