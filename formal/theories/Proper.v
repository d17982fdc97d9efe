(** * SPECIFICATION (executable): the conditions of docs/format.md beyond syntax. What fails here is "malformed". *)
From Coq Require Import List ZArith NArith QArith Bool Ascii String FMapPositive.
From SimCert Require Import Expr Poly Syntax Printer Parser Meaning Scalar.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition length_n {A} (l : list A) : N := fold_left (fun n _ => N.succ n) l 0%N.
Definition has_length {A} (l : list A) (n : N) : bool := N.eqb (length_n l) n.
Fixpoint distinct {A} (eqb : A -> A -> bool) (l : list A) : bool :=
  match l with [] => true | a :: l' => negb (existsb (eqb a) l') && distinct eqb l' end.
Fixpoint same_list {A B} (eqb : A -> B -> bool) (l : list A) (l' : list B) : bool :=
  match l, l' with [], [] => true | a :: l, b :: l' => eqb a b && same_list eqb l l' | _, _ => false end.
Definition same_shape : list N -> list N -> bool := same_list N.eqb.

(** ** Activations *)
Definition fact_eqb (a b : fact) : bool :=
  match a, b with Odd, Odd | Even, Even | Zero, Zero | Flat, Flat => true | _, _ => false end.
Definition fact_number (a : fact) : N := match a with Even => 0 | Flat => 1 | Odd => 2 | Zero => 3 end.
Definition has (l : list fact) (f : fact) : bool := existsb (fact_eqb f) l.
Definition named_facts : list (string * list fact) :=
  [("tanh", [Odd]); ("sin", [Odd]); ("erf", [Odd]); ("arctan", [Odd]); ("sinh", [Odd]); ("cos", [Even]); ("cosh", [Even]);
   ("gaussian", [Even]); ("logcosh", [Even; Zero]); ("silu", [Zero]); ("gelu", [Zero]); ("expm1", [Zero]); ("exp", []);
   ("sigmoid", []); ("softplus", []); ("reciprocal", [Odd]); ("rsqrt", [])]%string.
Fixpoint every_other (c : list Q) (here : bool) : bool :=
  match c with [] => true | q :: c' => (negb here || qzero q) && every_other c' (negb here) end.
Definition partial_definition (d : definition) : bool :=
  match d with Named n => is "reciprocal" n || is "rsqrt" n | _ => false end.
Definition piecewise_definition (d : definition) : bool := match d with Piecewise _ _ => true | _ => false end.
Definition own_facts (d : definition) : list fact :=
  match d with
  | Class c => class_facts c
  | Polynomial c =>
    (if every_other c true then [Odd] else []) ++ (if every_other c false then [Even] else [])
    ++ (if qzero (at_ c 0 0%Q) then [Zero] else []) ++ (if qzero (at_ c 1 0%Q) then [Flat] else [])
  | Piecewise s t => Zero :: (if qeqb s t then [Odd] else []) ++ (if qeqb s (qopp t) then [Even] else [])
  | Named n => match find n (List.map (fun e => (txt (fst e), snd e)) named_facts) with Some l => l | None => [] end
  end.
Definition closed (d : definition) (l : list fact) : list fact :=
  l ++ (if has l Odd && negb (partial_definition d) then [Zero] else [])
    ++ (if has l Even && negb (piecewise_definition d) then [Flat] else []).
Definition definition_ok (d : definition) : bool :=
  match d with
  | Polynomial [] => false
  | Polynomial c => match rev c with q :: _ :: _ => negb (qzero q) | _ => true end
  | Named n => existsb (fun e => is (fst e) n) named_facts
  | _ => true
  end.
Fixpoint increasing (l : list N) : bool :=
  match l with a :: (b :: _) as l' => N.ltb a b && increasing l' | _ => true end.
Definition without (f : fact) (l : list fact) : list fact := filter (fun g => negb (fact_eqb f g)) l.
Definition same_facts (l l' : list fact) : bool := forallb (has l') l && forallb (has l) l'.
Definition assumption_ok (itself_only : bool) (d : definition) (a : assumption) : bool :=
  match a with
  | Itself => match d with Class _ => false | _ => true end
  | Facts l =>
    forallb (has (closed d (own_facts d))) (closed d l) && increasing (map fact_number l)
    && forallb (fun f => negb (has (closed d (without f l)) f)) l
    && (negb itself_only || match d with Class c => same_facts l (class_facts c) | _ => false end)
  end.

(** ** Models *)
Definition shapes := PM.t (list N).
Definition known_shape (sh : shapes) (k : N) : option (list N) := PM.find (N.succ_pos k) sh.
Definition index_ok (bound : N) (o : option N) : bool := match o with Some k => N.ltb k bound | None => true end.
Fixpoint fits (term : text) (shape : list N) : bool :=
  match term, shape with [], [] => true | _ :: t, _ :: s => fits t s | _, _ => false end.
Fixpoint sizes_agree (l : list (ascii * N)) : bool :=
  match l with [] => true | (c, n) :: l' => forallb (fun p => negb (Ascii.eqb c (fst p)) || N.eqb n (snd p)) l' && sizes_agree l' end.
Definition declared (l : list decl) (name : text) : option (list N) := find name (map (fun d => (d_name d, d_shape d)) l).
Definition node_ok (m : model) (sh : shapes) (n : node) : bool :=
  let arg k := known_shape sh k in
  match n with
  | NParameter s name => match declared (m_parameters m) name with Some t => same_shape s t | None => false end
  | NStack s names =>
    match s, names with
    | k :: t, _ :: _ => has_length names k &&
        forallb (fun name => match declared (m_parameters m) name with Some u => same_shape t u | None => false end) names
    | _, _ => false
    end
  | NInput s name => match declared (m_inputs m) name with Some t => same_shape s t | None => false end
  | NConstant s values => has_length values (size s)
  | NAdd s args => match args with _ :: _ :: _ => true | _ => false end
      && forallb (fun k => match arg k with Some t => same_shape s t | None => false end) args
  | NContract s args terms out =>
    match args with [_] | [_; _] => true | _ => false end
    && has_length terms (length_n args)
    && forallb (fun k => match arg k with Some _ => true | None => false end) args
    && forallb (distinct Ascii.eqb) (out :: terms)
    && let all := s :: map (fun k => match arg k with Some t => t | None => [] end) args in
       same_list fits (out :: terms) all
       && sizes_agree (List.concat (map (fun p => combine (fst p) (snd p)) (combine (out :: terms) all)))
  | NGather s a ix =>
    match arg a with Some t => has_length ix (size s) && forallb (index_ok (size t)) ix | None => false end
  | NScatter s a ix =>
    match arg a with Some t => has_length ix (size t) && forallb (index_ok (size s)) ix | None => false end
  | NApply s a f k =>
    match arg a with Some t => same_shape s t | None => false end
    && match find f (m_activations m) with Some _ => true | None => false end && N.leb k 8
  end.
Fixpoint nodes_ok (m : model) (l : list node) (k : positive) (sh : shapes) : bool :=
  match l with
  | [] => true
  | n :: l' => node_ok m sh n && nodes_ok m l' (Pos.succ k) (PM.add k (shape_of n) sh)
  end.
Definition used_parameters (m : model) : list text :=
  List.concat (map (fun n => match n with NParameter _ a => [a] | NStack _ l => l | _ => [] end) (m_nodes m)).
Definition used_inputs (m : model) : list text :=
  List.concat (map (fun n => match n with NInput _ a => [a] | _ => [] end) (m_nodes m)).
Definition same_names (used declared : list text) : bool :=
  has_length used (length_n declared) && forallb (fun d => existsb (text_eqb d) used) declared
  && distinct text_eqb declared && distinct text_eqb used.
Definition model_ok (m : model) : bool :=
  forallb (fun e => definition_ok (snd e)) (m_activations m) && distinct text_eqb (map fst (m_activations m))
  && nodes_ok m (m_nodes m) 1 (PM.empty _)
  && same_names (used_parameters m) (map d_name (m_parameters m)) && same_names (used_inputs m) (map d_name (m_inputs m))
  && match m_outputs m with [] => false | _ => true end && distinct N.eqb (m_outputs m)
  && forallb (fun o => N.ltb o (length_n (m_nodes m))) (m_outputs m).
Definition entries_of (m : model) : N := fold_left (fun n d => (n + size (shape_of d))%N) (m_nodes m) 0%N.

(** ** Claims and proofs *)
Definition row_ok (M : N) (r : row) : bool :=
  match r_entries r with
  | (_, q) :: _ => qeqb q 1
  | [] => false
  end && increasing (map fst (r_entries r)) && forallb (fun e => N.ltb (fst e) M && negb (qzero (snd e))) (r_entries r).
Definition pivot (r : row) : N := match r_entries r with (p, _) :: _ => p | [] => 0 end.
Definition pivots (L : subspace) : PM.t unit := fold_left (fun s r => PM.add (N.succ_pos (pivot r)) tt s) (s_rows L) (PM.empty _).
Definition is_pivot (s : PM.t unit) (p : N) : bool := match PM.find (N.succ_pos p) s with Some _ => true | None => false end.
Definition subspace_ok (m : model) (L : subspace) : bool :=
  let ps := pivots L in
  forallb (row_ok (dimension m)) (s_rows L) && increasing (map pivot (s_rows L))
  && forallb (fun r => forallb (fun e => negb (is_pivot ps (fst e))) (tl (r_entries r))) (s_rows L)
  && N.eqb (s_dimension L + length_n (s_rows L)) (dimension m).
Definition action_size (a : action) : N := match a with Monomial p _ => length_n p | Matrix r => length_n r end.
(** the numbers from 0, each once *)
Definition permutation_ok (p : list N) : bool :=
  let n := length_n p in
  let seen := fold_left (fun s k => PM.add (N.succ_pos k) tt s) p (PM.empty unit) in
  forallb (fun k => N.ltb k n) p && forallb (is_pivot seen) (nrange n).
Fixpoint qdot_list (a b : list Q) : Q := match a, b with x :: a', y :: b' => qadd (qmul x y) (qdot_list a' b') | _, _ => 0%Q end.
Definition orthogonal (rows : list (list Q)) : bool :=
  (fix go (l : list (list Q)) := match l with
   | [] => true
   | r :: l' => qeqb (qdot_list r r) 1 && forallb (fun r' => qzero (qdot_list r r')) l' && go l'
   end) rows.
Definition action_ok (a : action) : bool :=
  match a with
  | Monomial p s => permutation_ok p && has_length s (length_n p) && negb (N.eqb (length_n p) 0)
  | Matrix rows => negb (N.eqb (length_n rows) 0) && forallb (fun r => has_length r (length_n rows)) rows && orthogonal rows
  end.
Definition node_actions_ok (leaves : bool) (sh : shapes) (leaf : PM.t unit) (acts : list action) (na : node_actions) : bool :=
  increasing (map fst na) &&
  forallb (fun kl => match known_shape sh (fst kl) with
    | Some s => same_list (fun o n => match o with
        | Some j => match nth_error acts (N.to_nat j) with Some a => N.eqb (action_size a) n | None => false end
        | None => true end) (snd kl) s && Bool.eqb leaves (is_pivot leaf (fst kl))
    | None => false end) na.
Fixpoint shape_table (l : list node) (k : positive) (sh : shapes) : shapes :=
  match l with [] => sh | n :: l' => shape_table l' (Pos.succ k) (PM.add k (shape_of n) sh) end.
Fixpoint leaf_table (l : list node) (k : positive) (s : PM.t unit) : PM.t unit :=
  match l with
  | [] => s
  | n :: l' => leaf_table l' (Pos.succ k) (match n with NParameter _ _ | NStack _ _ => PM.add k tt s | _ => s end)
  end.
Definition model_shapes (m : model) : shapes := shape_table (m_nodes m) 1 (PM.empty _).
Definition model_leaves (m : model) : PM.t unit := leaf_table (m_nodes m) 1 (PM.empty _).
(** [part]: [Some true] only leaves, [Some false] only other nodes, [None] any node *)
Definition generator_ok (m : model) (g : generator) (part : option bool) : bool :=
  let sh := model_shapes m in let leaf := model_leaves m in
  forallb action_ok (g_actions g) &&
  match part with
  | Some b => node_actions_ok b sh leaf (g_actions g) (g_nodes g)
  | None => node_actions_ok true sh leaf (g_actions g) (filter (fun kl => is_pivot leaf (fst kl)) (g_nodes g))
            && node_actions_ok false sh leaf (g_actions g) (filter (fun kl => negb (is_pivot leaf (fst kl))) (g_nodes g))
            && increasing (map fst (g_nodes g))
  end.
Fixpoint monomial_lt (a b : list N) : bool :=
  match a, b with
  | [], [] => false | [], _ => true | _, [] => false
  | x :: a', y :: b' => N.ltb x y || (N.eqb x y && monomial_lt a' b')
  end.
Definition law_lt (a b : Q * list N) : bool :=
  N.ltb (length_n (snd a)) (length_n (snd b)) || (N.eqb (length_n (snd a)) (length_n (snd b)) && monomial_lt (snd a) (snd b)).
Fixpoint ordered {A} (lt : A -> A -> bool) (l : list A) : bool :=
  match l with a :: (b :: _) as l' => lt a b && ordered lt l' | _ => true end.
Definition law_ok (m : model) (h : law) : bool :=
  forallb (fun t => negb (qzero (fst t)) && match snd t with [] => false | _ => true end
    && ordered N.leb (snd t) && forallb (fun p => N.ltb p (dimension m)) (snd t)) h && ordered law_lt h.

Definition assumptions_ok (itself_only : bool) (m : model) (l : list (text * assumption)) : bool :=
  same_list (fun e d => text_eqb (fst e) (fst d) && assumption_ok itself_only (snd d) (snd e)) l (m_activations m).
Definition point_ok (l : list decl) (p : point) : bool :=
  distinct text_eqb (map fst p) && has_length p (length_n l)
  && forallb (fun d => match find (d_name d) p with Some v => has_length v (size (d_shape d)) | None => false end) l.
(** *** Section 8 *)
Definition sparse_ok (bound : N) (l : list (N * Q)) : bool :=
  increasing (map fst l) && forallb (fun e => N.ltb (fst e) bound && negb (qzero (snd e))) l.
Definition same_q (a b : Q) : bool := Z.eqb (Qnum a) (Qnum b) && Pos.eqb (Qden a) (Qden b).
Definition definition_eqb (d e : definition) : bool :=
  match d, e with
  | Class a, Class b =>
    match a, b with
    | Generic, Generic | Odd_class, Odd_class | Even_class, Even_class | Generic0, Generic0 | Flat_class, Flat_class => true
    | _, _ => false
    end
  | Polynomial a, Polynomial b => same_list same_q a b
  | Piecewise a b, Piecewise a' b' => same_q a a' && same_q b b'
  | Named a, Named b => text_eqb a b
  | _, _ => false
  end.
(** the two networks have the same inputs, outputs of the same shapes, and activations in common *)
Definition reduction_ok (m : model) (q : list row) (metric : list Q) (small : model) : bool :=
  model_ok small
  && same_list (fun a b => text_eqb (d_name a) (d_name b) && same_shape (d_shape a) (d_shape b)) (m_inputs small) (m_inputs m)
  && same_list (fun a b => same_shape (shape_at small a) (shape_at m b)) (m_outputs small) (m_outputs m)
  && forallb (fun e => match find (fst e) (m_activations m) with Some d => definition_eqb (snd e) d | None => false end) (m_activations small)
  && has_length q (dimension small) && has_length metric (dimension small)
  && forallb (fun a => sparse_ok (dimension m) (r_entries a) && match r_entries a with [] => false | _ => true end) q
  && forallb (fun c => Z.ltb 0 (Qnum c)) metric.
(** *** Section 11 *)
Definition qlt (a b : Q) : bool := Z.ltb (Qnum a * Zpos (Qden b)) (Qnum b * Zpos (Qden a)).
Fixpoint numbers_lt (a b : list Q) : bool :=
  match a, b with
  | x :: a', y :: b' => qlt x y || (qeqb x y && numbers_lt a' b')
  | [], _ :: _ => true | _, [] => false
  end.
Definition example_ok (m : model) (e : example) : bool :=
  Z.ltb 0 (Qnum (d_weight e)) && point_ok (m_inputs m) (d_input e)
  && same_list (fun y o => has_length y (size (shape_at m o))) (d_target e) (m_outputs m).
Definition example_numbers (m : model) (e : example) : list Q := flat_values (m_inputs m) (d_input e) ++ List.concat (d_target e).
Definition data_ok (m : model) (data : list example) : bool :=
  match data with [] => false | _ => true end && forallb (example_ok m) data
  && ordered (fun a b => numbers_lt (example_numbers m a) (example_numbers m b)) data.
Definition indices_lt (a b : list N) : bool := N.ltb (length_n a) (length_n b) || (N.eqb (length_n a) (length_n b) && monomial_lt a b).
Definition prediction_ok (m : model) (f : prediction) : bool :=
  let inputs := fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_inputs m) in
  forallb (fun t => negb (qzero (fst (fst t)))
    && ordered N.leb (snd (fst t)) && forallb (fun p => N.ltb p (dimension m)) (snd (fst t))
    && ordered N.leb (snd t) && forallb (fun i => N.ltb i inputs) (snd t)) f
  && ordered (fun a b => indices_lt (snd a) (snd b) || (same_list N.eqb (snd a) (snd b) && indices_lt (snd (fst a)) (snd (fst b)))) f.
(** parameters, inputs and outputs: the nodes that the generators of a claim about data act on *)
Fixpoint input_table (l : list node) (k : positive) (s : PM.t unit) : PM.t unit :=
  match l with
  | [] => s
  | n :: l' => input_table l' (Pos.succ k) (match n with NInput _ _ => PM.add k tt s | _ => s end)
  end.
Definition model_given (m : model) : PM.t unit := input_table (m_nodes m) 1 (model_leaves m).
Definition model_ends (m : model) : PM.t unit := fold_left (fun s o => PM.add (N.succ_pos o) tt s) (m_outputs m) (model_given m).
Definition data_generator_ok (m : model) (g : generator) : bool :=
  forallb action_ok (g_actions g) && node_actions_ok true (model_shapes m) (model_ends m) (g_actions g) (g_nodes g).
Definition data_claim_ok (m : model) (data : list example) (gs : list generator) (f : list prediction) : bool :=
  data_ok m data && forallb (data_generator_ok m) gs && forallb (prediction_ok m) f
  && match f with [] => true | _ => has_length f (length_n (output_pairs m)) end.

(** a polynomial function of the parameters alone *)
Definition factorisation (m : model) : bool :=
  match m_inputs m with [] => true | _ => false end && forallb (fun e => match snd e with Polynomial _ => true | _ => false end) (m_activations m).
Definition stratum_ok (m : model) (s : stratum) : bool :=
  forallb (N.leb 1) (t_blocks s) && Z.leb (-1) (t_count s) && N.leb 1 (t_patterns s)
  && match t_points s with [] => false | _ => true end && forallb (point_ok (m_parameters m)) (t_points s).
Definition claim_ok (m : model) (c : claim) : bool :=
  match c with
  | Invariant L | NotInvariant L => subspace_ok m L
  | Symmetry gs => forallb (fun g => generator_ok m g (Some true)) gs
  | FixedSpace gs L => forallb (fun g => generator_ok m g (Some true)) gs && subspace_ok m L
  | ConservationLaws g laws r =>
    forallb (law_ok m) laws && Z.leb (-1) g && Z.leb g (Z.of_N (dimension m)) && N.leb r (dimension m)
  | OrbitDimension p a b => point_ok (m_parameters m) p && N.leb a (dimension m) && N.leb b (dimension m)
  | Lattice beyond edges gs nodes conjugacy =>
    forallb (fun g => generator_ok m g (Some true)) gs && forallb (subspace_ok m) nodes && forallb (subspace_ok m) beyond
    && forallb (fun e => N.ltb (fst e) (length_n nodes + length_n beyond) && N.ltb (snd e) (length_n nodes + length_n beyond)) edges
    && ordered (fun a b => N.ltb (fst a) (fst b) || (N.eqb (fst a) (fst b) && N.ltb (snd a) (snd b))) edges
    && (negb conjugacy || match beyond with [] => true | _ => false end)
  | Hull p L => point_ok (m_parameters m) p && subspace_ok m L
  | Quotient q metric small L => reduction_ok m q metric small && subspace_ok m L
  | DataInvariant data gs f L => data_claim_ok m data gs f && subspace_ok m L
  | Classification _ l _ n => forallb (stratum_ok m) l && Z.leb (-1) n
  | Intrinsic l a p r b _ =>
    factorisation m && forallb (law_ok m) l && N.leb a (dimension m) && point_ok (m_parameters m) p && N.leb r (dimension m) && N.leb b (dimension m)
  end.
Definition itself_only (c : claim) : bool :=
  match c with NotInvariant _ | ConservationLaws _ _ _ | OrbitDimension _ _ _ | Hull _ _ | Classification _ _ _ _ | Intrinsic _ _ _ _ _ _ => true | _ => false end.

Definition output_ok (m : model) (k i : N) : bool :=
  match nth_error (m_outputs m) (N.to_nat k) with Some o => N.ltb i (size (shape_at m o)) | None => false end.
Definition member_list_ok (m : model) (members : list (text * list Q)) : bool :=
  same_list text_eqb (map fst members) (map fst (filter (fun e => match snd e with Class _ => true | _ => false end) (m_activations m)))
  && forallb (fun e => definition_ok (Polynomial (snd e))) members.
Definition witness_ok (m : model) (L : subspace) (w : witness) : bool :=
  point_ok (m_inputs m) (w_input w) && point_ok (m_parameters m) (w_theta w)
  && N.ltb (w_equation w) (length_n (s_rows L))
  && match nth_error (m_outputs m) (N.to_nat (fst (w_output w))) with
     | Some o => N.ltb (snd (w_output w)) (size (shape_at m o)) | None => false end
  && same_list text_eqb (map fst (w_members w)) (map fst (filter (fun e => match snd e with Class _ => true | _ => false end) (m_activations m)))
  && forallb (fun e => definition_ok (Polynomial (snd e))) (w_members w).
(** residues of i and e^(i/N) are given exactly for models with sin or cos *)
Definition circular_model (m : model) : bool :=
  existsb (fun n => match n with
    | NApply _ _ f _ => match find f (m_activations m) with Some (Named g) => is "sin" g || is "cos" g | _ => false end
    | _ => false end) (m_nodes m).
Definition bases_proper (m : model) (x : exponential_bases) : bool :=
  N.leb 1 (x_denominator x) && N.leb 2 (x_modulus x) && N.ltb (x_real x) (x_modulus x)
  && match x_imaginary x with
     | Some (e, i) => circular_model m && N.ltb e (x_modulus x) && N.ltb i (x_modulus x)
     | None => negb (circular_model m)
     end.
(** at most one constant, with its residue *)
Definition curve_proper (m : model) (x : series_curve) : bool :=
  N.leb 2 (u_modulus x) && forallb (point_ok (m_parameters m)) (u_steps x)
  && match u_constants x with [] => true | [(k, r)] => (is "pi" k || is "log2" k) && N.ltb r (u_modulus x) | _ => false end.
(** *** Section 6 *)
Definition field_ok (m : model) (f : vfield) : bool :=
  match v_covector f with [] => false | _ => true end
  && forallb (fun e => N.ltb (fst (fst e)) (length_n (m_outputs m)) && output_ok m (fst (fst e)) (snd (fst e)) && negb (qzero (snd e))) (v_covector f)
  && distinct (fun a b => N.eqb (fst (fst a)) (fst (fst b)) && N.eqb (snd (fst a)) (snd (fst b))) (v_covector f)
  && point_ok (m_inputs m) (v_input f).
Definition columns_ok (m : model) (l : list N) : bool := increasing l && forallb (fun c => N.ltb c (dimension m)) l.
Definition word_ok (fields : N) (w : list N) : bool :=
  match w with [] => false | _ => true end && N.leb (length_n w) 8 && forallb (fun k => N.ltb k fields) w.
Definition modulus_of (n : number_system) : N := match n with Modulo p => p | WithBases x => x_modulus x | WithConstants _ p => p end.
Definition numbers_ok (m : model) (n : number_system) : bool :=
  match n with
  | Modulo p => N.leb 2 p
  | WithBases x => bases_proper m x
  | WithConstants l p => N.leb 2 p && match l with [] => true | [(k, z)] => (is "pi" k || is "log2" k) && N.ltb z p | _ => false end
  end.
Definition control_ok (fields : list vfield) (control : list (list Q * N)) : bool := forallb (fun ci => N.ltb (snd ci) (length_n fields)) control.
Definition residue_rows_ok (m : model) (p : N) (rows : list (list N)) : bool :=
  forallb (fun r => has_length r (dimension m) && forallb (fun z => N.ltb z p) r) rows.
Definition lower_ok (m : model) (l : lower) : bool :=
  match l with
  | LowerNone => true
  | LowerWords cols _ fields p words =>
    columns_ok m cols && has_length words (length_n cols) && forallb (field_ok m) fields && numbers_ok m p && forallb (word_ok (length_n fields)) words
  | LowerBalls cols fields n words =>
    columns_ok m cols && has_length words (length_n cols) && forallb (field_ok m) fields && N.leb 1 n && forallb (word_ok (length_n fields)) words
  | LowerTransport control curve fields p words =>
    forallb (field_ok m) fields && numbers_ok m p && forallb (word_ok (length_n fields)) words
    && control_ok fields control && residue_rows_ok m (modulus_of p) curve
  | LowerPullback adjoint cols control curve _ fields p vectors =>
    columns_ok m cols && has_length adjoint (length_n cols) && has_length vectors (length_n cols) && forallb (field_ok m) fields && numbers_ok m p
    && control_ok fields control && residue_rows_ok m (modulus_of p) curve
    && forallb (fun rows => has_length rows (length_n curve) && residue_rows_ok m (modulus_of p) rows) adjoint
    && forallb (fun ik => N.ltb (fst ik) (length_n fields) && N.leb (snd ik) (length_n curve)) vectors
  end.
Definition minor_ok (m : model) (laws : list law) (d : minor) : bool :=
  columns_ok m (m_columns d) && N.leb 2 (m_modulus d) && has_length (m_rows d) (length_n (m_columns d))
  && increasing (m_rows d) && forallb (fun k => N.ltb k (length_n laws)) (m_rows d).
(** sparse symmetric matrices: entries i <= j, in order, not 0 *)
Definition symmetric_ok (l : list (N * N * Q)) : bool :=
  forallb (fun e => N.leb (fst (fst e)) (snd (fst e)) && negb (qzero (snd e))) l
  && ordered (fun a b => N.ltb (fst (fst a)) (fst (fst b)) || (N.eqb (fst (fst a)) (fst (fst b)) && N.ltb (snd (fst a)) (snd (fst b)))) l.
Definition scaling_ok (m : model) (g : scaling) : bool :=
  let sh := model_shapes m in
  forallb symmetric_ok (e_actions g) && increasing (map fst (e_nodes g))
  && forallb (fun na => match known_shape sh (fst na) with
       | Some s => same_list (fun aw n => match fst aw with
           | None => qzero (snd aw)
           | Some a => match nth_error (e_actions g) (N.to_nat a) with
             | Some l => qzero (snd aw) || forallb (fun e => N.ltb (snd (fst e)) n) l
             | None => false end
           end) (snd na) s
       | None => false end) (e_nodes g)
  && match e_slice g with
     | None => true
     | Some (axes, i) => same_list (fun na ax => N.eqb (fst na) (fst ax) && match known_shape sh (fst na) with
         | Some s => match nth_error s (N.to_nat (snd ax)), nth_error (snd na) (N.to_nat (snd ax)) with
           | Some n, Some aw => N.ltb i n && qzero (snd aw)
           | _, _ => false end
         | None => false end) (e_nodes g) axes
     end.
Definition part_ok (m : model) (laws : N) (p : part_proof) : bool :=
  match p with LawIdentity => true | LawScaling gs => has_length gs laws && forallb (scaling_ok m) gs end.
Definition parts_ok (m : model) (how : law_proof) (laws : list law) : bool :=
  match how with
  | LawPart p => part_ok m (length_n laws) p
  | LawJoint l => forallb (fun np => N.ltb 0 (fst np) && part_ok m (fst np) (snd np)) l && N.eqb (fold_left (fun n np => (n + fst np)%N) l 0%N) (length_n laws)
  end.
Definition invariance_ok (m : model) (p : invariance) : bool :=
  match p with InvSymmetry gs => forallb (fun g => generator_ok m g None) gs | _ => true end.
(** inside the proof of a classification; whether the function has the facts that are assumed there is part of the proof *)
Definition within_ok (m : model) (w : option invariant_subspace) : bool :=
  match w with
  | Some s => same_list text_eqb (map fst (i_assumptions s)) (map fst (m_activations m)) && subspace_ok m (i_subspace s) && invariance_ok m (i_proof s)
  | None => true
  end.
Definition upper_ok (m : model) (u : upper) : bool :=
  match u with
  | UpperFull => true
  | UpperLaws how laws d within =>
    parts_ok m how laws && forallb (law_ok m) laws && minor_ok m laws d
    && match within with
       | Some s => assumptions_ok false m (i_assumptions s) && subspace_ok m (i_subspace s) && invariance_ok m (i_proof s)
                   && forallb (fun c => negb (is_pivot (pivots (i_subspace s)) c)) (m_columns d)
       | None => true
       end
  | UpperModule f p => field_ok m f && N.leb 2 p
  | UpperGates frozen how laws d =>
    parts_ok m how laws && forallb (law_ok m) laws && minor_ok m laws d && columns_ok m frozen
    && forallb (fun c => negb (existsb (N.eqb c) frozen)) (m_columns d)
  end.
(** intersections are of subspaces that come before, [n] in number *)
Fixpoint beyond_ok (m : model) (n : N) (l : list beyond_proof) : bool :=
  match l with
  | [] => true
  | p :: l' =>
    match p with BeyondInvariance p => invariance_ok m p | BeyondIntersection i j => N.ltb i n && N.ltb j n end && beyond_ok m (N.succ n) l'
  end.
Definition other_nodes_ok (m : model) (gs : list generator) (l : list node_actions) : bool :=
  has_length l (length_n gs)
  && forallb (fun gl => node_actions_ok false (model_shapes m) (model_leaves m) (g_actions (fst gl)) (snd gl)) (combine gs l).
Fixpoint steps_ok (m : model) (k : N) (l : list (vfield * list Q)) : bool :=
  match l with [] => true | s :: l' => field_ok m (fst s) && has_length (snd s) k && steps_ok m (N.succ k) l' end.
Definition solution_ok (m : model) (fields p : N) (u : solution) : bool :=
  forallb (fun ci => N.ltb (snd ci) fields) (u_control u)
  && forallb (fun r => has_length r (dimension m) && forallb (fun z => N.ltb z p) r) (u_curve u).
Definition minimal_ok (m : model) (l : minimal) (modulus : option N) : bool :=
  match l, modulus with
  | MinimalChain steps, Some p => steps_ok m 0 steps && N.leb 2 p
  | MinimalFlows curves fields, Some p => forallb (field_ok m) fields && forallb (solution_ok m (length_n fields) p) curves && N.leb 2 p
  | MinimalOrbit l, None => lower_ok m l
  | _, _ => false
  end.
Definition axis_ok (a : axis) : bool := N.ltb 0 (x_width a) && forallb (sparse_ok (x_width a)) (x_rows a).
Definition relation_ok (m small : model) (axes : list axis) (r : relation) : bool :=
  let '(i, k, l) := r in
  match known_shape (model_shapes m) i, match k with Some k => known_shape (model_shapes small) k | None => Some [] end with
  | Some s, Some s' =>
    let s := match k with Some _ => s | None => [] end in
    same_list (fun o nn => match o with
      | Some j => match nth_error axes (N.to_nat j) with Some a => has_length (x_rows a) (fst nn) && N.eqb (x_width a) (snd nn) | None => false end
      | None => N.eqb (fst nn) (snd nn) end) l (combine s s')
    && has_length s' (length_n s)
  | _, _ => false
  end.
Definition relation_lt (a b : relation) : bool :=
  let number k := match k with Some k => N.succ k | None => 0%N end in
  N.ltb (fst (fst a)) (fst (fst b)) || (N.eqb (fst (fst a)) (fst (fst b)) && N.ltb (number (snd (fst a))) (number (snd (fst b)))).
Definition single_output (m : model) : bool := match m_outputs m with [o] => N.eqb (size (shape_at m o)) 1 | _ => false end.
(** *** Section 10 *)
Definition bounds_ok (m : model) (p : bounds_proof) : bool := lower_ok m (b_lower p) && member_list_ok m (b_members p) && upper_ok m (b_upper p).
(** rows and columns of a factor; the shapes of a product *)
Definition factor_shape (m : model) (f : text * bool) : option (N * N) :=
  match declared (m_parameters m) (fst f) with Some [a; b] => Some (if snd f : bool then (b, a) else (a, b)) | _ => None end.
Fixpoint chained (m : model) (l : list (text * bool)) : bool :=
  match l with
  | [] => false
  | [f] => match factor_shape m f with Some _ => true | None => false end
  | f :: ((g :: _) as l') => match factor_shape m f, factor_shape m g with Some (_, b), Some (c, _) => N.eqb b c && chained m l' | _, _ => false end
  end.
Definition block_factors (b : block) : list (text * bool) := match b with Balanced f _ | Signature _ _ f => f end.
Definition block_ok (m : model) (laws : N) (b : block) : bool :=
  chained m (block_factors b) &&
  match b with
  | Balanced ([f; g] as l) ids =>
    match factor_shape m f, factor_shape m g with
    | Some (a, _), Some (_, c) => has_length ids (a * (a + 1) / 2 + c * (c + 1) / 2)
    | _, _ => false
    end && forallb (forallb (fun t => N.ltb (fst t) laws && law_ok m (snd t))) ids
  | Balanced _ ids => match ids with [] => true | _ => false end
  | Signature _ _ [_; _] => true
  | Signature _ _ _ => false
  end.
Definition proof_ok (m : model) (c : claim) (p : proof) : bool :=
  match c, p with
  | _, NoProof => true
  | Invariant _, BySymmetry gs => forallb (fun g => generator_ok m g None) gs
  | Invariant _, (ByCongruence | ByIdentity) => true
  | NotInvariant L, ByRational w _ => witness_ok m L w
  | NotInvariant L, ByResidue w p v => witness_ok m L w && N.leb 2 p && N.ltb v p
  | NotInvariant L, ByBall w n a b =>
    let dyadic q := Pos.eqb (Qden q) (Pos.pow 2 (Pos.of_nat (N.to_nat (N.log2 (Npos (Qden q)))))) || Pos.eqb (Qden q) 1 in
    witness_ok m L w && N.leb 1 n && dyadic a && dyadic b
  | (Symmetry gs | FixedSpace gs _), ByEquivariance l =>
    has_length l (length_n gs)
    && forallb (fun gl => node_actions_ok false (model_shapes m) (model_leaves m) (g_actions (fst gl)) (snd gl)) (combine gs l)
  | DataInvariant _ gs _ _, ByEquivariance l =>
    has_length l (length_n gs)
    && forallb (fun gl => node_actions_ok false (model_shapes m) (model_given m) (g_actions (fst gl)) (snd gl)) (combine gs l)
  | OrbitDimension _ _ _, ByBounds l members u => lower_ok m l && member_list_ok m members && upper_ok m u
  | ConservationLaws _ laws _, ByLaws how d l members p =>
    parts_ok m how laws && minor_ok m laws d && lower_ok m l && member_list_ok m members && point_ok (m_parameters m) p
  | Lattice beyond _ gs nodes _, ByClosure b l => has_length b (length_n beyond) && beyond_ok m (length_n nodes) b && other_nodes_ok m gs l
  | Lattice _ _ gs nodes _, ByOrbits images l =>
    has_length images (length_n nodes) && other_nodes_ok m gs l
    && forallb (forallb (fun iw => N.ltb (fst iw) (length_n nodes) && forallb (fun k => N.ltb k (length_n gs)) (snd iw))) images
  | Hull _ _, ByHull s how members least p =>
    assumptions_ok false m s && invariance_ok m how && member_list_ok m members && minimal_ok m least p
  | Quotient _ _ _ _, ByComparison i => invariance_ok m i
  | Quotient _ _ small _, ByExpansion axes i rs =>
    forallb axis_ok axes && invariance_ok m i && forallb (relation_ok m small axes) rs && ordered relation_lt rs
  | NotInvariant L, ByExponential w x v => witness_ok m L w && bases_proper m x && N.ltb v (x_modulus x)
  | NotInvariant L, BySeries w x v => witness_ok m L w && curve_proper m x && N.ltb v (u_modulus x)
  | Intrinsic laws _ _ _ _ _, ByRecoverable d how lie p rows =>
    parts_ok m how laws && bounds_ok m lie && N.leb 2 p && increasing rows && forallb (fun k => N.ltb k (length_n (output_pairs m) + length_n laws)) rows
  | Intrinsic laws _ _ _ _ _, ByProducts blocks how lie =>
    parts_ok m how laws && bounds_ok m lie && has_length blocks (length_n (m_outputs m)) && forallb (block_ok m (length_n laws)) blocks
    && distinct text_eqb (map fst (List.concat (map block_factors blocks)))
  | Classification _ l _ _, ByTable members t =>
    (* of a model of another kind nothing more is read: the proof is invalid *)
    negb (single_output m)
    || member_list_ok m members && same_list (fun s p => has_length (fst p) (length_n (t_points s)) && forallb (lower_ok m) (fst p) && within_ok m (snd p)) l t
  | _, _ => true       (* a method of another kind is unsupported *)
  end.
Definition certificate_ok (c : certificate) : bool :=
  model_ok (c_model c) && assumptions_ok (itself_only (c_claim c)) (c_model c) (c_assumptions c)
  && claim_ok (c_model c) (c_claim c) && proof_ok (c_model c) (c_claim c) (c_proof c).
