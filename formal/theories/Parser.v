(** * Reading (untrusted): whatever it returns is printed again and compared with the bytes. *)
From Coq Require Import List ZArith NArith QArith Bool Ascii String.
From SimCert Require Import Syntax Printer.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.

Inductive result (A : Type) := Ok (a : A) | Bad | Unsupported.
Arguments Ok {A}. Arguments Bad {A}. Arguments Unsupported {A}.

Fixpoint text_eqb (a b : text) : bool :=
  match a, b with
  | [], [] => true
  | x :: a', y :: b' => Ascii.eqb x y && text_eqb a' b'
  | _, _ => false
  end.
Lemma text_eqb_ok a b : text_eqb a b = true <-> a = b.
Proof.
  revert b; induction a as [|x a IH]; destruct b as [|y b]; simpl; try easy.
  rewrite andb_true_iff, IH, Ascii.eqb_eq. split; [intros [-> ->]; reflexivity|now intros [= -> ->]].
Qed.

(** ** JSON *)
Definition digit (c : ascii) : option Z :=
  let n := N_of_ascii c in
  if ((48 <=? n) && (n <=? 57))%N then Some (Z.of_N (n - 48)) else None.
Fixpoint digits (acc : Z) (s : text) : Z * text :=
  match s with
  | c :: s' => match digit c with Some d => digits (10 * acc + d)%Z s' | None => (acc, s) end
  | [] => (acc, [])
  end.
Definition number (s : text) : option (Z * text) :=
  match s with
  | c :: s1 =>
    if Ascii.eqb c "-" then
      match s1 with
      | c' :: s' => match digit c' with Some d => let '(z, r) := digits d s' in Some (- z, r)%Z | None => None end
      | [] => None
      end
    else match digit c with Some d => Some (digits d s1) | None => None end
  | [] => None
  end.
(** printable ASCII but the backslash *)
Definition plain (c : ascii) : bool :=
  let n := N_of_ascii c in ((32 <=? n) && (n <=? 126) && negb (n =? 92))%N.
Fixpoint until_quote (acc : text) (s : text) : option (text * text) :=
  match s with
  | c :: s' => if Ascii.eqb c quote then Some (rev_append acc [], s') else if plain c then until_quote (c :: acc) s' else None
  | [] => None
  end.
Fixpoint text_lt (a b : text) : bool :=
  match a, b with
  | [], _ :: _ => true
  | x :: a', y :: b' => let p := N_of_ascii x in let q := N_of_ascii y in (N.ltb p q || (N.eqb p q && text_lt a' b'))%bool
  | _, [] => false
  end.
(** the fuel is a list, as long as the text *)
Fixpoint value (fuel s : text) : option (json * text) :=
  match fuel with
  | [] => None
  | _ :: f =>
    match s with
    | [] => None
    | c :: s' =>
      if Ascii.eqb c quote then match until_quote [] s' with Some (t, r) => Some (JStr t, r) | None => None end
      else if Ascii.eqb c "[" then
        match s' with
        | [] => None
        | c' :: r => if Ascii.eqb c' "]" then Some (JArr [], r) else elements f s' []
        end
      else if Ascii.eqb c "{" then
        match s' with
        | [] => None
        | c' :: r => if Ascii.eqb c' "}" then Some (JObj [], r) else members f s' []
        end
      else match number s with Some (z, r) => Some (JInt z, r) | None => None end
    end
  end
with elements (fuel s : text) (acc : list json) : option (json * text) :=
  match fuel with
  | [] => None
  | _ :: f =>
    match value f s with
    | Some (j, c :: r) =>
      if Ascii.eqb c "," then elements f r (j :: acc)
      else if Ascii.eqb c "]" then Some (JArr (rev_append acc [j]), r) else None
    | _ => None
    end
  end
with members (fuel s : text) (acc : list (text * json)) : option (json * text) :=
  match fuel with
  | [] => None
  | _ :: f =>
    match s with
    | [] => None
    | q :: s' =>
      if Ascii.eqb q quote then
        match until_quote [] s' with
        | Some (k, colon :: r) =>
          if Ascii.eqb colon ":" && match acc with (k', _) :: _ => text_lt k' k | [] => true end then
            match value f r with
            | Some (j, c :: r') =>
              if Ascii.eqb c "," then members f r' ((k, j) :: acc)
              else if Ascii.eqb c "}" then Some (JObj (rev_append acc [(k, j)]), r') else None
            | _ => None
            end
          else None
        | _ => None
        end
      else None
    end
  end.
Definition parse (s : text) : option json :=
  match value s s with Some (j, _) => Some j | None => None end.

(** ** Decoders *)
Definition bind {A B} (o : option A) (f : A -> option B) : option B := match o with Some a => f a | None => None end.
Notation "'do' x <- a ; b" := (bind a (fun x => b)) (at level 200, x pattern, a at level 100, b at level 200).
Definition is (s : string) (t : text) : bool := text_eqb (txt s) t.
Fixpoint get_in (k : text) (l : list (text * json)) : option json :=
  match l with [] => None | (t, j) :: l' => if text_eqb k t then Some j else get_in k l' end.
Definition get (k : string) (j : json) : option json := match j with JObj l => get_in (txt k) l | _ => None end.
Definition field {A} (k : string) (f : json -> option A) (j : json) : option A := do x <- get k j; f x.
Fixpoint omap_rev {A B} (f : A -> option B) (l : list A) (acc : list B) : option (list B) :=
  match l with [] => Some (rev_append acc []) | a :: l' => match f a with Some b => omap_rev f l' (b :: acc) | None => None end end.
Definition dlist {A} (f : json -> option A) (j : json) : option (list A) :=
  match j with JArr l => omap_rev f l [] | _ => None end.
Definition dtable {A} (f : json -> option A) (j : json) : option (list (text * A)) :=
  match j with JObj l => omap_rev (fun kv => match f (snd kv) with Some a => Some (fst kv, a) | None => None end) l [] | _ => None end.
Definition dstring (j : json) : option text := match j with JStr t => Some t | _ => None end.
Definition dz (j : json) : option Z := match j with JInt z => Some z | _ => None end.
Definition dn (j : json) : option N := match j with JInt z => match z with Zneg _ => None | _ => Some (Z.to_N z) end | _ => None end.
Definition dn' (j : json) : option (option N) :=
  match j with JInt z => match z with Zneg xH => Some None | Zneg _ => None | _ => Some (Some (Z.to_N z)) end | _ => None end.
(** natural numbers as strings *)
Definition dnat (j : json) : option N :=
  match j with
  | JStr s => match number s with Some (Zneg _, _) => None | Some (z, _) => Some (Z.to_N z) | None => None end
  | _ => None
  end.
Definition dq (j : json) : option Q :=
  match j with
  | JStr s =>
    match number s with
    | Some (n, []) => Some (Qmake n 1)
    | Some (n, _ :: r) => match number r with Some (Zpos d, _) => if Z.eqb (Z.gcd n (Zpos d)) 1 then Some (Qmake n d) else None | _ => None end
    | None => None
    end
  | _ => None
  end.
Definition dshape : json -> option (list N) := dlist (fun j => match dn j with Some N0 => None | o => o end).
Definition letter (c : ascii) : bool := let n := N_of_ascii c in ((65 <=? n) && (n <=? 90) || (97 <=? n) && (n <=? 122))%N.
Definition name_letter (c : ascii) : bool :=
  let n := N_of_ascii c in letter c || ((48 <=? n) && (n <=? 57) || (n =? 95))%N.
Definition name_ok (t : text) : bool := match t with c :: t' => letter c && forallb name_letter t' | [] => false end.
Definition dname (j : json) : option text := match j with JStr t => if name_ok t then Some t else None | _ => None end.
Definition dnamed {A} (f : json -> option A) (j : json) : option (list (text * A)) :=
  do l <- dtable f j; if forallb (fun kv => name_ok (fst kv)) l then Some l else None.

Fixpoint split_terms (s acc : text) (terms : list text) : option (list text * text) :=
  match s with
  | [] => None
  | c :: s' =>
    if Ascii.eqb c "," then split_terms s' [] (rev_append acc [] :: terms)
    else if Ascii.eqb c "-" then
      match s' with
      | _ :: out => Some (rev_append (rev_append acc [] :: terms) [], out)
      | [] => None
      end
    else split_terms s' (c :: acc) terms
  end.
Definition small (c : ascii) : bool := let n := N_of_ascii c in ((97 <=? n) && (n <=? 122))%N.
Definition dspec (j : json) : option (list text * text) :=
  match j with
  | JStr s => do (terms, out) <- split_terms s [] []; if forallb (forallb small) (out :: terms) then Some (terms, out) else None
  | _ => None
  end.
Definition one {A} (o : option (list A)) : option A := match o with Some [a] => Some a | _ => None end.

Definition dnode (j : json) : option node :=
  do op <- field "op" dstring j;
  do s <- field "shape" dshape j;
  if is "parameter" op then do n <- field "name" dname j; Some (NParameter s n)
  else if is "contract" op then
    do a <- field "args" (dlist dn) j; do (terms, out) <- field "spec" dspec j; Some (NContract s a terms out)
  else if is "add" op then do a <- field "args" (dlist dn) j; Some (NAdd s a)
  else if is "apply" op then
    do f <- field "activation" dname j; do a <- one (field "args" (dlist dn) j); do k <- field "order" dn j; Some (NApply s a f k)
  else if is "input" op then do n <- field "name" dname j; Some (NInput s n)
  else if is "stack" op then do n <- field "names" (dlist dname) j; Some (NStack s n)
  else if is "constant" op then do v <- field "values" (dlist dq) j; Some (NConstant s v)
  else if is "gather" op then do a <- one (field "args" (dlist dn) j); do ix <- field "indices" (dlist dn') j; Some (NGather s a ix)
  else if is "scatter" op then do a <- one (field "args" (dlist dn) j); do ix <- field "indices" (dlist dn') j; Some (NScatter s a ix)
  else None.
Definition ddefinition (j : json) : option definition :=
  match j with
  | JObj [(k, v)] =>
    if is "class" k then
      do c <- dstring v;
      if is "generic" c then Some (Class Generic) else if is "odd" c then Some (Class Odd_class)
      else if is "even" c then Some (Class Even_class) else if is "generic0" c then Some (Class Generic0)
      else if is "flat" c then Some (Class Flat_class) else None
    else if is "polynomial" k then do l <- dlist dq v; Some (Polynomial l)
    else if is "piecewise" k then do l <- dlist dq v; match l with [s; t] => Some (Piecewise s t) | _ => None end
    else if is "named" k then do n <- dstring v; Some (Named n)
    else None
  | _ => None
  end.
Definition ddecl (j : json) : option decl :=
  do n <- field "name" dname j; do s <- field "shape" dshape j; Some {| d_name := n; d_shape := s |}.
Definition dmodel (j : json) : option model :=
  do a <- field "activations" (dnamed ddefinition) j; do i <- field "inputs" (dlist ddecl) j;
  do n <- field "nodes" (dlist dnode) j; do o <- field "outputs" (dlist dn) j; do p <- field "parameters" (dlist ddecl) j;
  Some {| m_activations := a; m_inputs := i; m_nodes := n; m_outputs := o; m_parameters := p |}.

Definition dfact (j : json) : option fact :=
  do t <- dstring j;
  if is "odd" t then Some Odd else if is "even" t then Some Even else if is "zero" t then Some Zero
  else if is "flat" t then Some Flat else None.
Definition dassumption (j : json) : option assumption :=
  match j with
  | JStr t => if is "itself" t then Some Itself else None
  | _ => do l <- dlist dfact j; Some (Facts l)
  end.
Definition dentry (j : json) : option (N * Q) :=
  match j with JArr [a; b] => do n <- dn a; do q <- dq b; Some (n, q) | _ => None end.
Definition drow (j : json) : option row :=
  do c <- field "constant" dq j; do e <- field "entries" (dlist dentry) j; Some {| r_constant := c; r_entries := e |}.
Definition dsubspace (j : json) : option subspace :=
  do d <- field "dimension" dn j; do r <- field "rows" (dlist drow) j; Some {| s_dimension := d; s_rows := r |}.
Definition dsign (j : json) : option bool :=
  match j with JInt (Zpos xH) => Some false | JInt (Zneg xH) => Some true | _ => None end.
Definition daction (j : json) : option action :=
  match get "matrix" j with
  | Some m => do r <- dlist (dlist dq) m; Some (Matrix r)
  | None => do p <- field "permutation" (dlist dn) j; do s <- field "signs" (dlist dsign) j; Some (Monomial p s)
  end.
Definition dnode_actions : json -> option node_actions := dlist (fun j =>
  match j with JArr [a; b] => do n <- dn a; do l <- dlist dn' b; Some (n, l) | _ => None end).
Definition dgenerator (j : json) : option generator :=
  do a <- field "actions" (dlist daction) j; do n <- field "nodes" dnode_actions j; Some {| g_actions := a; g_nodes := n |}.
Definition dlaw : json -> option law := dlist (fun j =>
  match j with JArr [a; b] => do q <- dq a; do l <- dlist dn b; Some (q, l) | _ => None end).

Definition dpoint : json -> option point := dnamed (dlist dq).
Definition dexample (j : json) : option example :=
  do w <- field "weight" dq j; do x <- field "x" dpoint j; do y <- field "y" (dlist (dlist dq)) j;
  Some {| d_input := x; d_target := y; d_weight := w |}.
Definition dprediction : json -> option prediction := dlist (fun j =>
  match j with JArr [a; b; c] => do q <- dq a; do p <- dlist dn b; do i <- dlist dn c; Some (q, p, i) | _ => None end).
Definition ok {A} (o : option A) : result A := match o with Some a => Ok a | None => Bad end.
Definition dpair {A B} (f : json -> option A) (g : json -> option B) (j : json) : option (A * B) :=
  match j with JArr [a; b] => do x <- f a; do y <- g b; Some (x, y) | _ => None end.
Definition drow_name (j : json) : option table_row :=
  do t <- dstring j;
  if is "plain" t then Some Row_plain else if is "odd" t then Some Row_odd else if is "zero" t then Some Row_zero
  else if is "flat" t then Some Row_flat else if is "flat-zero" t then Some Row_flat_zero else None.
Definition dstratum (j : json) : option stratum :=
  do b <- field "blocks" (dlist dn) j; do c <- field "count" dz j; do d <- field "dimension" dn j; do n <- field "patterns" dn j;
  do p <- field "points" (dlist dpoint) j; do z <- field "zero" dn j;
  Some {| t_blocks := b; t_count := c; t_dimension := d; t_patterns := n; t_points := p; t_zero := z |}.
Definition dyes (j : json) : option bool := do t <- dstring j; if is "yes" t then Some true else if is "no" t then Some false else None.
Definition dclaim (j : json) : result claim :=
  match field "kind" dstring j with
  | None => Bad
  | Some k =>
    if is "invariant" k then ok (do L <- field "subspace" dsubspace j; Some (Invariant L))
    else if is "not-invariant" k then ok (do L <- field "subspace" dsubspace j; Some (NotInvariant L))
    else if is "symmetry" k then ok (do g <- field "generators" (dlist dgenerator) j; Some (Symmetry g))
    else if is "fixed-space" k then
      ok (do g <- field "generators" (dlist dgenerator) j; do L <- field "subspace" dsubspace j; Some (FixedSpace g L))
    else if is "conservation-laws" k then
      ok (do g <- field "generic" dz j; do l <- field "laws" (dlist dlaw) j; do r <- field "rank" dn j; Some (ConservationLaws g l r))
    else if is "orbit-dimension" k then
      ok (do a <- field "lower" dn j; do p <- field "point" dpoint j; do b <- field "upper" dn j; Some (OrbitDimension p a b))
    else if is "lattice" k then
      ok (do b <- field "beyond" (dlist dsubspace) j; do e <- field "edges" (dlist (dpair dn dn)) j; do g <- field "generators" (dlist dgenerator) j;
          do n <- field "nodes" (dlist dsubspace) j; do t <- field "up_to" dstring j;
          if is "equality" t then Some (Lattice b e g n false) else if is "conjugacy" t then Some (Lattice b e g n true) else None)
    else if is "hull" k then ok (do p <- field "point" dpoint j; do L <- field "subspace" dsubspace j; Some (Hull p L))
    else if is "quotient" k then
      ok (do q <- field "map" (dlist drow) j; do n <- field "metric" (dlist dq) j; do g <- field "small" dmodel j; do L <- field "subspace" dsubspace j;
          Some (Quotient q n g L))
    else if is "data-invariant" k then
      ok (do d <- field "data" (dlist dexample) j; do g <- field "generators" (dlist dgenerator) j;
          do f <- field "predictor" (dlist dprediction) j; do L <- field "subspace" dsubspace j; Some (DataInvariant d g f L))
    else if is "classification" k then
      ok (do r <- field "row" drow_name j; do l <- field "strata" (dlist dstratum) j; do b <- field "symmetry_induced" dyes j;
          do n <- field "total" dz j; Some (Classification r l b n))
    else if is "intrinsic" k then
      match field "where" dstring j with
      | None => Bad
      | Some w =>
        if is "orbit" w then Unsupported
        else ok (do w <- (if is "near" w then Some Near_point else if is "level" w then Some Whole_level else None);
          do l <- field "laws" (dlist dlaw) j; do a <- field "lower" dn j; do p <- field "point" dpoint j; do r <- field "rank" dn j;
          do b <- field "upper" dn j; Some (Intrinsic l a p r b w))
      end
    else Unsupported
  end.
Definition dwitness_at (t : point) (j : json) : option witness :=
  do e <- field "equation" dn j; do i <- field "input" dpoint j; do m <- field "members" dpoint j;
  do o <- field "output" (dlist dn) j;
  match o with
  | [a; b] => Some {| w_equation := e; w_input := i; w_members := m; w_output := (a, b); w_theta := t |}
  | _ => None
  end.
Definition dwitness (j : json) : option witness := do t <- field "theta" dpoint j; dwitness_at t j.
Definition dseries (j : json) : option (witness * series_curve) :=
  do c <- field "constants" (dtable dnat) j; do l <- field "curve" (dlist dpoint) j; do p <- field "modulus" dnat j; do n <- field "order" dn j;
  match l with
  | t :: steps => do w <- dwitness_at t j; Some (w, {| u_constants := c; u_modulus := p; u_order := n; u_steps := steps |})
  | [] => None
  end.
(** parts of proofs of section 6: a method or numbers that are not known make the whole proof unsupported *)
Definition rbind {A B} (r : result A) (f : A -> result B) : result B := match r with Ok a => f a | Bad => Bad | Unsupported => Unsupported end.
Notation "'try' x <- a ; b" := (rbind a (fun x => b)) (at level 200, x pattern, a at level 100, b at level 200).
Definition rfield {A} (k : string) (f : json -> result A) (j : json) : result A := match get k j with Some x => f x | None => Bad end.
Definition dmethod (j : json) : result text := ok (field "method" dstring j).
Definition dmodulus (j : json) : result N :=
  match j with
  | JObj [(k, v)] => if is "modulus" k then ok (dnat v) else Unsupported
  | JObj _ => Unsupported
  | _ => Bad
  end.
Definition dtriple (j : json) : option (N * N * Q) :=
  match j with JArr [a; b; c] => do n <- dn a; do i <- dn b; do q <- dq c; Some (n, i, q) | _ => None end.
Definition dfield (j : json) : option vfield :=
  do c <- field "covector" (dlist dtriple) j; do x <- field "input" dpoint j; Some {| v_covector := c; v_input := x |}.
Definition dscaling (j : json) : option scaling :=
  do a <- field "actions" (dlist (dlist dtriple)) j; do n <- field "nodes" (dlist (dpair dn (dlist (dpair dn' dq)))) j;
  match get "slice" j with
  | None => Some {| e_actions := a; e_nodes := n; e_slice := None |}
  | Some s => do x <- field "axes" (dlist (dpair dn dn)) s; do i <- field "index" dn s; Some {| e_actions := a; e_nodes := n; e_slice := Some (x, i) |}
  end.
Definition dpart (j : json) : result part_proof :=
  try m <- dmethod j;
  if is "identity" m then Ok LawIdentity
  else if is "scaling" m then ok (do g <- field "generators" (dlist dscaling) j; Some (LawScaling g))
  else Unsupported.
Fixpoint dparts (l : list json) : result (list (N * part_proof)) :=
  match l with
  | [] => Ok []
  | j :: l' => try n <- ok (field "count" dn j); try p <- rfield "proof" dpart j; try r <- dparts l'; Ok ((n, p) :: r)
  end.
Definition dlaw_proof (j : json) : result law_proof :=
  try m <- dmethod j;
  if is "joint" m then match get "parts" j with Some (JArr l) => try r <- dparts l; Ok (LawJoint r) | _ => Bad end
  else try p <- dpart j; Ok (LawPart p).
Definition dminor (j : json) : result minor :=
  try p <- rfield "numbers" dmodulus j;
  ok (do c <- field "columns" (dlist dn) j; do d <- field "determinant" dnat j; do r <- field "rows" (dlist dn) j;
      Some {| m_columns := c; m_determinant := d; m_modulus := p; m_rows := r |}).
Definition dbases (j : json) : option exponential_bases :=
  do b <- get "bases" j; do n <- field "denominator" dnat j; do p <- field "modulus" dnat j; do t <- field "real" dnat b;
  match get "imaginary" b, get "i" b with
  | None, None => Some {| x_denominator := n; x_imaginary := None; x_modulus := p; x_real := t |}
  | Some e, Some i => do e <- dnat e; do i <- dnat i; Some {| x_denominator := n; x_imaginary := Some (e, i); x_modulus := p; x_real := t |}
  | _, _ => None
  end.
Definition dnumbers (j : json) : result number_system :=
  match get "precision" j, get "bases" j, get "constants" j with
  | Some _, _, _ => Unsupported
  | _, Some _, _ => ok (do x <- dbases j; Some (WithBases x))
  | _, _, Some _ => ok (do l <- field "constants" (dnamed dnat) j; do p <- field "modulus" dnat j; Some (WithConstants l p))
  | _, _, _ => ok (do p <- field "modulus" dnat j; Some (Modulo p))
  end.
Definition dlower (j : json) : result lower :=
  try m <- dmethod j;
  if is "none" m then Ok LowerNone
  else if is "words" m && match field "numbers" (fun p => get "precision" p) j with Some _ => true | None => false end then
    ok (do c <- field "columns" (dlist dn) j; do f <- field "fields" (dlist dfield) j; do n <- field "numbers" (field "precision" dn) j;
        do w <- field "words" (dlist (dlist dn)) j; Some (LowerBalls c f n w))
  else if is "words" m then
    try p <- rfield "numbers" dnumbers j;
    ok (do c <- field "columns" (dlist dn) j; do d <- field "determinant" dnat j; do f <- field "fields" (dlist dfield) j;
        do w <- field "words" (dlist (dlist dn)) j; Some (LowerWords c d f p w))
  else if is "transport" m then
    try p <- rfield "numbers" dnumbers j;
    ok (do c <- field "control" (dlist (dpair (dlist dq) dn)) j; do t <- field "curve" (dlist (dlist dnat)) j;
        do f <- field "fields" (dlist dfield) j; do w <- field "words" (dlist (dlist dn)) j; Some (LowerTransport c t f p w))
  else if is "pullback" m then
    try p <- rfield "numbers" dnumbers j;
    ok (do a <- field "adjoint" (dlist (dlist (dlist dnat))) j; do l <- field "columns" (dlist dn) j;
        do c <- field "control" (dlist (dpair (dlist dq) dn)) j; do t <- field "curve" (dlist (dlist dnat)) j; do d <- field "determinant" dnat j;
        do f <- field "fields" (dlist dfield) j; do v <- field "vectors" (dlist (dpair dn dn)) j; Some (LowerPullback a l c t d f p v))
  else Unsupported.
Definition dinvariance (j : json) : result invariance :=
  try m <- dmethod j;
  if is "symmetry" m then ok (do g <- field "generators" (dlist dgenerator) j; Some (InvSymmetry g))
  else if is "congruence" m then Ok InvCongruence
  else if is "identity" m then Ok InvIdentity
  else Unsupported.
Definition dwithin (j : json) : result (option invariant_subspace) :=
  match j with
  | JObj [] => Ok None
  | _ =>
    try p <- rfield "proof" dinvariance j;
    ok (do a <- field "activations" (dnamed dassumption) j; do L <- field "subspace" dsubspace j;
        Some (Some {| i_assumptions := a; i_proof := p; i_subspace := L |}))
  end.
Definition dupper (j : json) : result upper :=
  try m <- dmethod j;
  if is "full" m then Ok UpperFull
  else if is "laws" m then
    try how <- rfield "law_proof" dlaw_proof j; try d <- dminor j; try w <- rfield "subspace" dwithin j;
    ok (do l <- field "laws" (dlist dlaw) j; Some (UpperLaws how l d w))
  else if is "module" m then
    try p <- rfield "numbers" dmodulus j; ok (do f <- field "field" dfield j; Some (UpperModule f p))
  else if is "gates" m then
    try how <- rfield "law_proof" dlaw_proof j; try d <- dminor j;
    ok (do s <- field "frozen" (dlist dn) j; do l <- field "laws" (dlist dlaw) j; Some (UpperGates s how l d))
  else Unsupported.
Definition dbeyond (j : json) : result beyond_proof :=
  try m <- dmethod j;
  if is "intersection" m then
    ok (do l <- field "of" (dlist dn) j; match l with [a; b] => Some (BeyondIntersection a b) | _ => None end)
  else try p <- dinvariance j; Ok (BeyondInvariance p).
Fixpoint rlist {A} (f : json -> result A) (l : list json) : result (list A) :=
  match l with [] => Ok [] | j :: l' => try a <- f j; try r <- rlist f l'; Ok (a :: r) end.
Definition ritems {A} (f : json -> result A) (j : json) : result (list A) := match j with JArr l => rlist f l | _ => Bad end.
Definition dsolution (j : json) : option solution :=
  do c <- field "control" (dlist (dpair (dlist dq) dn)) j; do t <- field "curve" (dlist (dlist dnat)) j; Some {| u_control := c; u_curve := t |}.
Definition dminimal (j : json) : result minimal :=
  try m <- dmethod j;
  if is "chain" m then ok (do l <- field "steps" (dlist (dpair dfield (dlist dq))) j; Some (MinimalChain l))
  else if is "flows" m then
    ok (do c <- field "curves" (dlist dsolution) j; do f <- field "fields" (dlist dfield) j; Some (MinimalFlows c f))
  else if is "orbit" m then try l <- rfield "lower" dlower j; Ok (MinimalOrbit l)
  else Unsupported.
Definition daxis (j : json) : option axis :=
  do m <- field "mode" dstring j; do r <- field "rows" (dlist (dlist dentry)) j; do w <- field "width" dn j;
  if is "sum" m then Some {| x_sum := true; x_rows := r; x_width := w |}
  else if is "copy" m then Some {| x_sum := false; x_rows := r; x_width := w |} else None.
Definition drelation (j : json) : option relation :=
  match j with JArr [a; b; c] => do i <- dn a; do k <- dn' b; do l <- dlist dn' c; Some (i, k, l) | _ => None end.
Definition dtype_proof (j : json) : result (list lower * option invariant_subspace) :=
  try l <- rfield "lower" (ritems dlower) j; try w <- rfield "upper" dwithin j; Ok (l, w).
Definition dbounds (j : json) : result bounds_proof :=
  try m <- dmethod j;
  if is "bounds" m then
    try l <- rfield "lower" dlower j; try u <- rfield "upper" dupper j; try s <- ok (field "members" dpoint j);
    Ok {| b_lower := l; b_members := s; b_upper := u |}
  else Bad.
Definition dturned (j : json) : option bool := match j with JInt Z0 => Some false | JInt (Zpos xH) => Some true | _ => None end.
Definition dblock (j : json) : option block :=
  do f <- field "factors" (dlist (dpair dname dturned)) j;
  match get "coefficients" j with
  | Some c => do l <- dlist dq c; match l with [x; y] => Some (Signature x y f) | _ => None end
  | None => do l <- field "identities" (dlist (dlist (dpair dn dlaw))) j; Some (Balanced f l)
  end.
(** the methods that are known for a kind of claim *)
Definition methods (c : claim) : list string :=
  match c with
  | Invariant _ => ["symmetry"; "congruence"; "identity"]
  | NotInvariant _ => ["rational"; "residue"; "ball"; "exponential"; "series"]
  | Symmetry _ | FixedSpace _ _ => ["equivariance"]
  | ConservationLaws _ _ _ => ["laws"]
  | OrbitDimension _ _ _ => ["bounds"]
  | Lattice _ _ _ _ conjugacy => if conjugacy then ["orbits"] else ["closure"]
  | Hull _ _ => ["hull"]
  | Quotient _ _ _ _ => ["identity"; "expansion"]
  | DataInvariant _ _ _ _ => ["equivariance"]
  | Classification _ _ _ _ => ["table"]
  | Intrinsic _ _ _ _ _ _ => ["recoverable"; "products"]
  end.
Definition dproof (c : claim) (j : json) : result proof :=
  match field "method" dstring j with
  | None => Bad
  | Some m =>
    if is "none" m then Ok NoProof
    else if negb (existsb (fun w => is w m) (methods c)) then Unsupported
    else if match c with Quotient _ _ _ _ => true | _ => false end then
      try i <- rfield "invariance" dinvariance j;
      if is "identity" m then Ok (ByComparison i)
      else ok (do a <- field "axes" (dlist daxis) j; do r <- field "relations" (dlist drelation) j; Some (ByExpansion a i r))
    else if is "symmetry" m then ok (do g <- field "generators" (dlist dgenerator) j; Some (BySymmetry g))
    else if is "congruence" m then Ok ByCongruence
    else if is "identity" m then Ok ByIdentity
    else if is "rational" m then ok (do w <- dwitness j; do v <- field "value" dq j; Some (ByRational w v))
    else if is "residue" m then
      ok (do w <- dwitness j; do p <- field "modulus" dnat j; do v <- field "value" dnat j; Some (ByResidue w p v))
    else if is "ball" m then
      ok (do w <- dwitness j; do n <- field "precision" dn j; do v <- field "value" (dlist dq) j;
          match v with [a; b] => Some (ByBall w n a b) | _ => None end)
    else if is "equivariance" m then ok (do l <- field "nodes" (dlist dnode_actions) j; Some (ByEquivariance l))
    else if is "bounds" m then
      try l <- rfield "lower" dlower j; try u <- rfield "upper" dupper j; try s <- ok (field "members" dpoint j); Ok (ByBounds l s u)
    else if is "laws" m then
      try how <- rfield "law_proof" dlaw_proof j; try d <- dminor j; try l <- rfield "lower" dlower j;
      ok (do s <- field "members" dpoint j; do p <- field "point" dpoint j; Some (ByLaws how d l s p))
    else if is "closure" m then
      try b <- rfield "beyond" (ritems dbeyond) j; ok (do n <- field "nodes" (dlist dnode_actions) j; Some (ByClosure b n))
    else if is "orbits" m then
      ok (do i <- field "images" (dlist (dlist (dpair dn (dlist dn)))) j; do n <- field "nodes" (dlist dnode_actions) j; Some (ByOrbits i n))
    else if is "hull" m then
      try how <- rfield "invariance" dinvariance j; try l <- rfield "minimal" dminimal j;
      try p <- rfield "numbers" (fun n => match l, n with
        | MinimalOrbit _, JObj [] => Ok None | MinimalOrbit _, _ => Bad | _, _ => rbind (dmodulus n) (fun p => Ok (Some p)) end) j;
      ok (do a <- field "activations" (dnamed dassumption) j; do s <- field "members" dpoint j; Some (ByHull a how s l p))
    else if is "exponential" m then ok (do w <- dwitness j; do x <- dbases j; do v <- field "value" dnat j; Some (ByExponential w x v))
    else if is "series" m then ok (do wx <- dseries j; do v <- field "value" dnat j; Some (BySeries (fst wx) (snd wx) v))
    else if is "table" m then try t <- rfield "strata" (ritems dtype_proof) j; ok (do s <- field "members" dpoint j; Some (ByTable s t))
    else if is "recoverable" m then
      try how <- rfield "law_proof" dlaw_proof j; try lie <- rfield "lie" dbounds j; try p <- rfield "numbers" dmodulus j;
      ok (do d <- field "determinant" dnat j; do r <- field "rows" (dlist dn) j; Some (ByRecoverable d how lie p r))
    else if is "products" m then
      try how <- rfield "law_proof" dlaw_proof j; try lie <- rfield "lie" dbounds j;
      ok (do b <- field "blocks" (dlist dblock) j; Some (ByProducts b how lie))
    else Unsupported
  end.
(** whether the version is 1; [None]: no certificate at all *)
Definition version_one (j : json) : option bool :=
  do f <- field "format" dstring j; do v <- field "version" dz j; if is "simcert" f then Some (Z.eqb v 1) else None.

Definition decode (j : json) : result certificate :=
  match version_one j, field "meta" (dtable dstring) j, field "model" dmodel j, get "claim" j, get "proof" j with
  | Some false, _, _, _, _ => Unsupported
  | Some true, Some meta, Some m, Some c, Some p =>
    match field "activations" (dnamed dassumption) c, dclaim c with
    | None, _ | _, Bad => Bad
    | _, Unsupported => Unsupported
    | Some a, Ok c =>
      match dproof c p with
      | Bad => Bad
      | Unsupported => Unsupported
      | Ok p => Ok {| c_assumptions := a; c_claim := c; c_meta := meta; c_model := m; c_proof := p |}
      end
    end
  | _, _, _, _, _ => Bad
  end.
