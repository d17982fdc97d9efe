(** * SPECIFICATION: the bytes of a certificate.

    [print_certificate c] are the only bytes that denote [c]. The printer works on a reversed
    accumulator, so that megabytes need no stack. *)
From Coq Require Import List ZArith NArith QArith Ascii String Decimal.
From SimCert Require Import Syntax.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.

(** ** JSON without floats, truth values and null *)
Inductive json := JInt (z : Z) | JStr (s : text) | JArr (l : list json) | JObj (l : list (text * json)).

Fixpoint put_digits (d : uint) (acc : text) : text :=
  match d with
  | Nil => acc
  | D0 d => put_digits d ("0"%char :: acc) | D1 d => put_digits d ("1"%char :: acc)
  | D2 d => put_digits d ("2"%char :: acc) | D3 d => put_digits d ("3"%char :: acc)
  | D4 d => put_digits d ("4"%char :: acc) | D5 d => put_digits d ("5"%char :: acc)
  | D6 d => put_digits d ("6"%char :: acc) | D7 d => put_digits d ("7"%char :: acc)
  | D8 d => put_digits d ("8"%char :: acc) | D9 d => put_digits d ("9"%char :: acc)
  end.
Definition put_int (z : Z) (acc : text) : text :=
  match z with
  | Z0 => "0"%char :: acc
  | Zpos p => put_digits (Pos.to_uint p) acc
  | Zneg p => put_digits (Pos.to_uint p) ("-"%char :: acc)
  end.
Definition quote : ascii := """".
Definition put_string (s : text) (acc : text) : text := quote :: rev_append s (quote :: acc).
Definition put_comma (acc : text) (first : bool) : text := if first then acc else ","%char :: acc.

Fixpoint put (j : json) (acc : text) : text :=
  match j with
  | JInt z => put_int z acc
  | JStr s => put_string s acc
  | JArr l =>
    "]"%char :: (fix items l first acc :=
      match l with
      | [] => acc
      | x :: l' => items l' false (put x (put_comma acc first))
      end) l true ("["%char :: acc)
  | JObj l =>
    "}"%char :: (fix members l first acc :=
      match l with
      | [] => acc
      | (k, x) :: l' => members l' false (put x (":"%char :: put_string k (put_comma acc first)))
      end) l true ("{"%char :: acc)
  end.
Definition newline : ascii := ascii_of_nat 10.
Definition print_json (j : json) : text := rev_append (newline :: put j []) [].

(** ** From certificates to JSON *)
Definition txt (s : string) : text := list_ascii_of_string s.
Definition js (s : string) : json := JStr (txt s).
Definition jobject (l : list (string * json)) : json := JObj (List.map (fun kv => (txt (fst kv), snd kv)) l).
Definition jlist {A} (f : A -> json) (l : list A) : json := JArr (List.map f l).
Definition jtable {A} (f : A -> json) (l : list (text * A)) : json := JObj (List.map (fun kv => (fst kv, f (snd kv))) l).
Definition jn (n : N) : json := JInt (Z.of_N n).
Definition jn' (n : option N) : json := match n with Some n => jn n | None => JInt (-1) end.
Definition integer_text (z : Z) : text := rev_append (put_int z []) [].
(** integers and rationals as strings *)
Definition jz (z : Z) : json := JStr (integer_text z).
Definition jq (q : Q) : json :=
  match Qden q with
  | xH => jz (Qnum q)
  | d => JStr (integer_text (Qnum q) ++ "/"%char :: integer_text (Zpos d))
  end.
Definition jqs : list Q -> json := jlist jq.
Definition jshape : list N -> json := jlist jn.

Fixpoint joined (l : list text) : text :=
  match l with [] => [] | [a] => a | a :: l' => a ++ ","%char :: joined l' end.
Definition jspec (terms : list text) (out : text) : json := JStr (joined terms ++ txt "->" ++ out).

Definition encode_node (n : node) : json :=
  match n with
  | NParameter s name => jobject [("name", JStr name); ("op", js "parameter"); ("shape", jshape s)]
  | NStack s names => jobject [("names", jlist JStr names); ("op", js "stack"); ("shape", jshape s)]
  | NInput s name => jobject [("name", JStr name); ("op", js "input"); ("shape", jshape s)]
  | NConstant s values => jobject [("op", js "constant"); ("shape", jshape s); ("values", jqs values)]
  | NAdd s args => jobject [("args", jlist jn args); ("op", js "add"); ("shape", jshape s)]
  | NContract s args terms out =>
    jobject [("args", jlist jn args); ("op", js "contract"); ("shape", jshape s); ("spec", jspec terms out)]
  | NGather s a ix => jobject [("args", jlist jn [a]); ("indices", jlist jn' ix); ("op", js "gather"); ("shape", jshape s)]
  | NScatter s a ix => jobject [("args", jlist jn [a]); ("indices", jlist jn' ix); ("op", js "scatter"); ("shape", jshape s)]
  | NApply s a f k =>
    jobject [("activation", JStr f); ("args", jlist jn [a]); ("op", js "apply"); ("order", jn k); ("shape", jshape s)]
  end.
Definition encode_definition (d : definition) : json :=
  match d with
  | Class c => jobject [("class", js (match c with
      Generic => "generic" | Odd_class => "odd" | Even_class => "even" | Generic0 => "generic0" | Flat_class => "flat" end))]
  | Polynomial l => jobject [("polynomial", jqs l)]
  | Piecewise s t => jobject [("piecewise", jqs [s; t])]
  | Named n => jobject [("named", JStr n)]
  end.
Definition encode_decl (d : decl) : json := jobject [("name", JStr (d_name d)); ("shape", jshape (d_shape d))].
Definition encode_model (m : model) : json := jobject
  [("activations", jtable encode_definition (m_activations m)); ("inputs", jlist encode_decl (m_inputs m));
   ("nodes", jlist encode_node (m_nodes m)); ("outputs", jlist jn (m_outputs m));
   ("parameters", jlist encode_decl (m_parameters m))].

Definition encode_assumption (a : assumption) : json :=
  match a with
  | Itself => js "itself"
  | Facts l => jlist (fun f => js (match f with Even => "even" | Flat => "flat" | Odd => "odd" | Zero => "zero" end)) l
  end.
Definition encode_row (r : row) : json := jobject
  [("constant", jq (r_constant r)); ("entries", jlist (fun e => JArr [jn (fst e); jq (snd e)]) (r_entries r))].
Definition encode_subspace (L : subspace) : json := jobject
  [("dimension", jn (s_dimension L)); ("rows", jlist encode_row (s_rows L))].
Definition encode_action (a : action) : json :=
  match a with
  | Monomial p s => jobject [("permutation", jlist jn p); ("signs", jlist (fun b : bool => JInt (if b then -1 else 1)) s)]
  | Matrix rows => jobject [("matrix", jlist jqs rows)]
  end.
Definition encode_node_actions : node_actions -> json := jlist (fun na => JArr [jn (fst na); jlist jn' (snd na)]).
Definition encode_generator (g : generator) : json := jobject
  [("actions", jlist encode_action (g_actions g)); ("nodes", encode_node_actions (g_nodes g))].
Definition encode_law : law -> json := jlist (fun t => JArr [jq (fst t); jlist jn (snd t)]).
Definition encode_example (e : example) : json := jobject
  [("weight", jq (d_weight e)); ("x", jtable jqs (d_input e)); ("y", jlist jqs (d_target e))].
Definition encode_prediction : prediction -> json := jlist (fun t => JArr [jq (fst (fst t)); jlist jn (snd (fst t)); jlist jn (snd t)]).

Definition encode_row_name (r : table_row) : json := js (match r with
  Row_plain => "plain" | Row_odd => "odd" | Row_zero => "zero" | Row_flat => "flat" | Row_flat_zero => "flat-zero" end).
Definition encode_stratum (s : stratum) : json := jobject
  [("blocks", jlist jn (t_blocks s)); ("count", JInt (t_count s)); ("dimension", jn (t_dimension s)); ("patterns", jn (t_patterns s));
   ("points", jlist (jtable jqs) (t_points s)); ("zero", jn (t_zero s))].
Definition encode_claim (assumptions : list (text * assumption)) (c : claim) : json :=
  let acts := ("activations", jtable encode_assumption assumptions) in
  match c with
  | Invariant L => jobject [acts; ("kind", js "invariant"); ("subspace", encode_subspace L)]
  | NotInvariant L => jobject [acts; ("kind", js "not-invariant"); ("subspace", encode_subspace L)]
  | Symmetry gs => jobject [acts; ("generators", jlist encode_generator gs); ("kind", js "symmetry")]
  | FixedSpace gs L =>
    jobject [acts; ("generators", jlist encode_generator gs); ("kind", js "fixed-space"); ("subspace", encode_subspace L)]
  | ConservationLaws g l r =>
    jobject [acts; ("generic", JInt g); ("kind", js "conservation-laws"); ("laws", jlist encode_law l); ("rank", jn r)]
  | OrbitDimension p a b =>
    jobject [acts; ("kind", js "orbit-dimension"); ("lower", jn a); ("point", jtable jqs p); ("upper", jn b)]
  | Lattice beyond edges gs nodes conjugacy =>
    jobject [acts; ("beyond", jlist encode_subspace beyond); ("edges", jlist (fun e => JArr [jn (fst e); jn (snd e)]) edges);
             ("generators", jlist encode_generator gs); ("kind", js "lattice"); ("nodes", jlist encode_subspace nodes);
             ("up_to", js (if conjugacy then "conjugacy" else "equality"))]
  | Hull p L => jobject [acts; ("kind", js "hull"); ("point", jtable jqs p); ("subspace", encode_subspace L)]
  | Quotient q metric small L => jobject
    [acts; ("kind", js "quotient"); ("map", jlist encode_row q); ("metric", jqs metric); ("small", encode_model small); ("subspace", encode_subspace L)]
  | DataInvariant data gs f L =>
    jobject [acts; ("data", jlist encode_example data); ("generators", jlist encode_generator gs); ("kind", js "data-invariant");
             ("predictor", jlist encode_prediction f); ("subspace", encode_subspace L)]
  | Classification r l b n =>
    jobject [acts; ("kind", js "classification"); ("row", encode_row_name r); ("strata", jlist encode_stratum l);
             ("symmetry_induced", js (if b then "yes" else "no")); ("total", JInt n)]
  | Intrinsic l a p r b w =>
    jobject [acts; ("kind", js "intrinsic"); ("laws", jlist encode_law l); ("lower", jn a); ("point", jtable jqs p); ("rank", jn r); ("upper", jn b);
             ("where", js (match w with Near_point => "near" | Whole_level => "level" end))]
  end.
Definition jresidue (n : N) : json := jz (Z.of_N n).
Definition jmodulus (n : N) : json := jobject [("modulus", jresidue n)].
Definition encode_bases (x : exponential_bases) : json := jobject
  (match x_imaginary x with Some (e, i) => [("i", jresidue i); ("imaginary", jresidue e)] | None => [] end ++ [("real", jresidue (x_real x))]).
Definition encode_numbers (n : number_system) : json :=
  match n with
  | Modulo p => jmodulus p
  | WithBases x => jobject [("bases", encode_bases x); ("denominator", jresidue (x_denominator x)); ("modulus", jresidue (x_modulus x))]
  | WithConstants l p => jobject [("constants", jtable jresidue l); ("modulus", jresidue p)]
  end.
Definition encode_field (f : vfield) : json := jobject
  [("covector", jlist (fun e => JArr [jn (fst (fst e)); jn (snd (fst e)); jq (snd e)]) (v_covector f)); ("input", jtable jqs (v_input f))].
Definition encode_scaling (g : scaling) : json := jobject
  ([("actions", jlist (jlist (fun e => JArr [jn (fst (fst e)); jn (snd (fst e)); jq (snd e)])) (e_actions g));
    ("nodes", jlist (fun na => JArr [jn (fst na); jlist (fun aw => JArr [jn' (fst aw); jq (snd aw)]) (snd na)]) (e_nodes g))]
   ++ match e_slice g with
      | Some (axes, i) => [("slice", jobject [("axes", jlist (fun a => JArr [jn (fst a); jn (snd a)]) axes); ("index", jn i)])]
      | None => []
      end).
Definition encode_part (p : part_proof) : json :=
  match p with
  | LawIdentity => jobject [("method", js "identity")]
  | LawScaling gs => jobject [("generators", jlist encode_scaling gs); ("method", js "scaling")]
  end.
Definition encode_law_proof (p : law_proof) : json :=
  match p with
  | LawPart p => encode_part p
  | LawJoint l => jobject
    [("method", js "joint"); ("parts", jlist (fun np => jobject [("count", jn (fst np)); ("proof", encode_part (snd np))]) l)]
  end.
Definition encode_lower (l : lower) : json :=
  match l with
  | LowerNone => jobject [("method", js "none")]
  | LowerWords cols d fields p words => jobject
    [("columns", jlist jn cols); ("determinant", jresidue d); ("fields", jlist encode_field fields); ("method", js "words");
     ("numbers", encode_numbers p); ("words", jlist (jlist jn) words)]
  | LowerBalls cols fields n words => jobject
    [("columns", jlist jn cols); ("determinant", js "regular"); ("fields", jlist encode_field fields); ("method", js "words");
     ("numbers", jobject [("precision", jn n)]); ("words", jlist (jlist jn) words)]
  | LowerTransport control curve fields p words => jobject
    [("control", jlist (fun ci => JArr [jqs (fst ci); jn (snd ci)]) control); ("curve", jlist (jlist jresidue) curve);
     ("fields", jlist encode_field fields); ("method", js "transport"); ("numbers", encode_numbers p); ("words", jlist (jlist jn) words)]
  | LowerPullback adjoint cols control curve d fields p vectors => jobject
    [("adjoint", jlist (jlist (jlist jresidue)) adjoint); ("columns", jlist jn cols);
     ("control", jlist (fun ci => JArr [jqs (fst ci); jn (snd ci)]) control); ("curve", jlist (jlist jresidue) curve); ("determinant", jresidue d);
     ("fields", jlist encode_field fields); ("method", js "pullback"); ("numbers", encode_numbers p);
     ("vectors", jlist (fun ik => JArr [jn (fst ik); jn (snd ik)]) vectors)]
  end.
Definition encode_invariance (p : invariance) : json :=
  match p with
  | InvSymmetry gs => jobject [("generators", jlist encode_generator gs); ("method", js "symmetry")]
  | InvCongruence => jobject [("method", js "congruence")]
  | InvIdentity => jobject [("method", js "identity")]
  end.
Definition encode_within (L : option invariant_subspace) : json :=
  match L with
  | Some s => jobject [("activations", jtable encode_assumption (i_assumptions s)); ("proof", encode_invariance (i_proof s));
                       ("subspace", encode_subspace (i_subspace s))]
  | None => jobject []
  end.
Definition encode_upper (u : upper) : json :=
  match u with
  | UpperFull => jobject [("method", js "full")]
  | UpperLaws how laws d L => jobject
    [("columns", jlist jn (m_columns d)); ("determinant", jresidue (m_determinant d)); ("law_proof", encode_law_proof how);
     ("laws", jlist encode_law laws); ("method", js "laws"); ("numbers", jmodulus (m_modulus d)); ("rows", jlist jn (m_rows d));
     ("subspace", encode_within L)]
  | UpperModule f p => jobject [("field", encode_field f); ("method", js "module"); ("numbers", jmodulus p)]
  | UpperGates frozen how laws d => jobject
    [("columns", jlist jn (m_columns d)); ("determinant", jresidue (m_determinant d)); ("frozen", jlist jn frozen); ("law_proof", encode_law_proof how);
     ("laws", jlist encode_law laws); ("method", js "gates"); ("numbers", jmodulus (m_modulus d)); ("rows", jlist jn (m_rows d))]
  end.
Definition encode_beyond (p : beyond_proof) : json :=
  match p with
  | BeyondInvariance p => encode_invariance p
  | BeyondIntersection i j => jobject [("method", js "intersection"); ("of", jlist jn [i; j])]
  end.
Definition jcontrol : list (list Q * N) -> json := jlist (fun ci => JArr [jqs (fst ci); jn (snd ci)]).
Definition encode_minimal (l : minimal) : json :=
  match l with
  | MinimalChain steps => jobject [("method", js "chain"); ("steps", jlist (fun s => JArr [encode_field (fst s); jqs (snd s)]) steps)]
  | MinimalFlows curves fields => jobject
    [("curves", jlist (fun u => jobject [("control", jcontrol (u_control u)); ("curve", jlist (jlist jresidue) (u_curve u))]) curves);
     ("fields", jlist encode_field fields); ("method", js "flows")]
  | MinimalOrbit l => jobject [("lower", encode_lower l); ("method", js "orbit")]
  end.
Definition encode_axis (a : axis) : json := jobject
  [("mode", js (if x_sum a then "sum" else "copy")); ("rows", jlist (jlist (fun e => JArr [jn (fst e); jq (snd e)])) (x_rows a)); ("width", jn (x_width a))].
Definition encode_relation (r : relation) : json := JArr [jn (fst (fst r)); jn' (snd (fst r)); jlist jn' (snd r)].
Definition encode_bounds (p : bounds_proof) : json := jobject
  [("lower", encode_lower (b_lower p)); ("members", jtable jqs (b_members p)); ("method", js "bounds"); ("upper", encode_upper (b_upper p))].
Definition encode_factors : list (text * bool) -> json := jlist (fun f => JArr [JStr (fst f); JInt (if snd f : bool then 1 else 0)]).
Definition encode_block (b : block) : json :=
  match b with
  | Balanced f l => jobject [("factors", encode_factors f); ("identities", jlist (jlist (fun t => JArr [jn (fst t); encode_law (snd t)])) l)]
  | Signature x y f => jobject [("coefficients", jqs [x; y]); ("factors", encode_factors f)]
  end.
Definition encode_proof (p : proof) : json :=
  match p with
  | NoProof => jobject [("method", js "none")]
  | BySymmetry gs => jobject [("generators", jlist encode_generator gs); ("method", js "symmetry")]
  | ByCongruence => jobject [("method", js "congruence")]
  | ByIdentity => jobject [("method", js "identity")]
  | ByRational w v => jobject
    [("equation", jn (w_equation w)); ("input", jtable jqs (w_input w)); ("members", jtable jqs (w_members w));
     ("method", js "rational"); ("output", jlist jn [fst (w_output w); snd (w_output w)]); ("theta", jtable jqs (w_theta w));
     ("value", jq v)]
  | ByResidue w m v => jobject
    [("equation", jn (w_equation w)); ("input", jtable jqs (w_input w)); ("members", jtable jqs (w_members w));
     ("method", js "residue"); ("modulus", jz (Z.of_N m)); ("output", jlist jn [fst (w_output w); snd (w_output w)]);
     ("theta", jtable jqs (w_theta w)); ("value", jz (Z.of_N v))]
  | ByBall w n a b => jobject
    [("equation", jn (w_equation w)); ("input", jtable jqs (w_input w)); ("members", jtable jqs (w_members w));
     ("method", js "ball"); ("output", jlist jn [fst (w_output w); snd (w_output w)]); ("precision", jn n);
     ("theta", jtable jqs (w_theta w)); ("value", jqs [a; b])]
  | ByEquivariance l => jobject [("method", js "equivariance"); ("nodes", jlist encode_node_actions l)]
  | ByBounds l members u => jobject
    [("lower", encode_lower l); ("members", jtable jqs members); ("method", js "bounds"); ("upper", encode_upper u)]
  | ByLaws how d l members p => jobject
    [("columns", jlist jn (m_columns d)); ("determinant", jresidue (m_determinant d)); ("law_proof", encode_law_proof how);
     ("lower", encode_lower l); ("members", jtable jqs members); ("method", js "laws"); ("numbers", jmodulus (m_modulus d));
     ("point", jtable jqs p); ("rows", jlist jn (m_rows d))]
  | ByClosure beyond nodes => jobject
    [("beyond", jlist encode_beyond beyond); ("method", js "closure"); ("nodes", jlist encode_node_actions nodes)]
  | ByOrbits images nodes => jobject
    [("images", jlist (jlist (fun iw => JArr [jn (fst iw); jlist jn (snd iw)])) images); ("method", js "orbits");
     ("nodes", jlist encode_node_actions nodes)]
  | ByHull s how members least modulus => jobject
    [("activations", jtable encode_assumption s); ("invariance", encode_invariance how); ("members", jtable jqs members);
     ("method", js "hull"); ("minimal", encode_minimal least);
     ("numbers", match modulus with Some p => jmodulus p | None => jobject [] end)]
  | ByComparison i => jobject [("invariance", encode_invariance i); ("method", js "identity")]
  | ByExpansion axes i rs => jobject
    [("axes", jlist encode_axis axes); ("invariance", encode_invariance i); ("method", js "expansion"); ("relations", jlist encode_relation rs)]
  | ByExponential w x v => jobject
    [("bases", encode_bases x); ("denominator", jresidue (x_denominator x)); ("equation", jn (w_equation w)); ("input", jtable jqs (w_input w));
     ("members", jtable jqs (w_members w)); ("method", js "exponential"); ("modulus", jresidue (x_modulus x));
     ("output", jlist jn [fst (w_output w); snd (w_output w)]); ("theta", jtable jqs (w_theta w)); ("value", jresidue v)]
  | ByTable members strata => jobject
    [("members", jtable jqs members); ("method", js "table");
     ("strata", jlist (fun s => jobject [("lower", jlist encode_lower (fst s)); ("upper", encode_within (snd s))]) strata)]
  | BySeries w x v => jobject
    [("constants", jtable jresidue (u_constants x)); ("curve", jlist (jtable jqs) (w_theta w :: u_steps x)); ("equation", jn (w_equation w));
     ("input", jtable jqs (w_input w)); ("members", jtable jqs (w_members w)); ("method", js "series"); ("modulus", jresidue (u_modulus x));
     ("order", jn (u_order x)); ("output", jlist jn [fst (w_output w); snd (w_output w)]); ("value", jresidue v)]
  | ByRecoverable d how lie p rows => jobject
    [("determinant", jresidue d); ("law_proof", encode_law_proof how); ("lie", encode_bounds lie); ("method", js "recoverable");
     ("numbers", jmodulus p); ("rows", jlist jn rows)]
  | ByProducts blocks how lie => jobject
    [("blocks", jlist encode_block blocks); ("law_proof", encode_law_proof how); ("lie", encode_bounds lie); ("method", js "products")]
  end.

Definition encode (c : certificate) : json := jobject
  [("claim", encode_claim (c_assumptions c) (c_claim c)); ("format", js "simcert"); ("meta", jtable JStr (c_meta c));
   ("model", encode_model (c_model c)); ("proof", encode_proof (c_proof c)); ("version", JInt 1)].

Definition print_certificate (c : certificate) : text := print_json (encode c).
