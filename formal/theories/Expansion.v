(** * Relations between the nodes of a network and of a smaller one (method expansion), compared as normal forms.

    Nothing is proved of relations: what they are for, that outputs agree, is proved of [Reduction.check_values]. A certificate whose relations are wrong is not accepted. *)
From Coq Require Import List ZArith NArith QArith Bool Ascii FMapPositive.
From SimCert Require Import Poly.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Nodewise Slopes Kinks Reduction.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** the same network, all of whose nodes are outputs *)
Definition open_model (m : model) : model :=
  {| m_activations := m_activations m; m_inputs := m_inputs m; m_nodes := m_nodes m; m_outputs := nrange (length_n (m_nodes m)); m_parameters := m_parameters m |}.

(** ** Matrices on axes *)
Fixpoint blocks (fuel : list N) (n : nat) (l : list poly) : list (list poly) :=
  match fuel with [] => [] | _ :: f => firstn n l :: blocks f n (skipn n l) end.
Fixpoint add_lists (a b : list poly) : list poly := match a, b with p :: a', q :: b' => padd p q :: add_lists a' b' | [], _ => b | _, [] => a end.
Definition combined (bs : list (list poly)) (size : nat) (r : list (N * Q)) : list poly :=
  fold_right (fun e acc => add_lists (map (pscal (snd e)) (nth (N.to_nat (fst e)) bs [])) acc) (repeat [] size) r.
Definition transposed (rows : list (list (N * Q))) (width : N) : list (list (N * Q)) :=
  map (fun j => flat_map (fun ir => match List.find (fun e => N.eqb (fst e) j) (snd ir) with Some e => [(fst ir, snd e)] | None => [] end)
    (combine (nrange (length_n rows)) rows)) (nrange width).
Fixpoint transform (shape : list N) (matrices : list (option (list (list (N * Q))))) (l : list poly) : list poly :=
  match shape, matrices with
  | n :: s, o :: ms =>
    let inner := N.to_nat (size s) in
    let bs := map (transform s ms) (blocks (nrange n) inner l) in
    match o with
    | None => List.concat bs
    | Some rows => let width := match bs with b :: _ => List.length b | [] => 0%nat end in List.concat (map (combined bs width) rows)
    end
  | _, _ => l
  end.
Definition signed_permutation (a : axis) : bool :=
  N.eqb (length_n (x_rows a)) (x_width a) && forallb (fun r => match r with [(_, c)] => qeqb c 1 || qeqb c (-1) | _ => false end) (x_rows a)
  && distinct (fun r r' => match r, r' with [(i, _)], [(j, _)] => N.eqb i j | _, _ => false end) (x_rows a).
Definition is_sum (a : axis) : bool := x_sum a && negb (signed_permutation a).
Definition identity_axis (a : axis) : bool :=
  N.eqb (length_n (x_rows a)) (x_width a) && forallb (fun ir => match snd ir with [(j, c)] => N.eqb (fst ir) j && qeqb c 1 | _ => false end) (combine (nrange (x_width a)) (x_rows a)).

(** ** Relations *)
Section Relations.
Variables m small : model.
Variable axes : list axis.
Variables values small_values : list (list poly).      (* of every node *)
Definition axis_at (o : option N) : option axis := match o with Some j => nth_error axes (N.to_nat j) | None => None end.
Definition related (rs : list relation) (i k : N) : bool :=
  existsb (fun r => N.eqb (fst (fst r)) i && match snd (fst r) with Some k' => N.eqb k' k | None => false end) rs.
Definition vanishes (rs : list relation) (i : N) : bool := existsb (fun r => N.eqb (fst (fst r)) i && match snd (fst r) with None => true | _ => false end) rs.
(** what the relation says is true *)
Definition true_relation (r : relation) : bool :=
  let '(i, k, l) := r in
  let v := nth (N.to_nat i) values [] in
  match k with
  | None => forallb pis0 v
  | Some k =>
    let w := nth (N.to_nat k) small_values [] in
    let on (sums : bool) o := match axis_at o with
      | Some a => if Bool.eqb (is_sum a) sums then Some (if sums then transposed (x_rows a) (x_width a) else x_rows a) else None | None => None end in
    same_list peqb (transform (shape_at m i) (map (on true) l) v) (transform (shape_at small k) (map (on false) l) w)
  end.
Definition args_of (n : node) : list N :=
  match n with NAdd _ a | NContract _ a _ _ => a | NGather _ a _ | NScatter _ a _ | NApply _ a _ _ => [a] | _ => [] end.
(** it follows from earlier ones about the arguments *)
Definition founded (rs : list relation) (r : relation) : bool :=
  let '(i, k, _) := r in
  match k with
  | None => true
  | Some k =>
    let n := node_at m i in let n' := node_at small k in
    vanishes rs i
    || match n' with NContract _ [k'; c] _ _ => related rs i k' && match node_at small c with NConstant _ _ => true | _ => false end | _ => false end
    || match n with
       | NParameter _ _ | NStack _ _ | NConstant _ _ => true
       | NInput _ a => match n' with NInput _ b => text_eqb a b | _ => false end
       | NAdd _ args =>
         match filter (fun a => negb (vanishes rs a)) args, n' with
         | [a], _ => related rs a k
         | l, NAdd _ args' => same_list (related rs) l args'
         | _, _ => false
         end
       | _ => same_list (related rs) (args_of n) (args_of n')
       end
  end.
Definition outputs_related (rs : list relation) : bool :=
  same_list (fun o o' => existsb (fun r => N.eqb (fst (fst r)) o && match snd (fst r) with Some k => N.eqb k o' | None => false end
    && forallb (fun a => match axis_at a with Some a => identity_axis a | None => true end) (snd r)) rs) (m_outputs m) (m_outputs small).
Definition relations_hold (rs : list relation) : bool := forallb (fun r => true_relation r && founded rs r) rs && outputs_related rs.
End Relations.

Definition check_relations (all : bool) (m : model) (assumptions : list (text * assumption)) (q : list row) (small : model) (L : subspace)
  (axes : list axis) (rs : list relation) : bool :=
  let treat := treatment_of all m assumptions in
  match compiled (open_model m) treat, compiled (open_model small) treat with
  | Some (prog1, nodes1), Some (prog2, nodes2) =>
    let '(S1, S2) := two_states m assumptions q L prog1 prog2 in
    relations_hold m small axes (map (map (Slp.getP (Slp.vals S1))) nodes1) (map (map (Slp.getP (Slp.vals S2))) nodes2) rs
  | _, _ => false
  end.

(** ** The check of a claim; [None]: unsupported *)
Definition max_entries : N := 20000000.
(** an identity may need the differential equation of a function that is opaque here *)
Definition opaque_functions (m : model) (assumptions : list (text * assumption)) : bool :=
  existsb (fun e => match find (fst e) assumptions, snd e with Some Itself, Named _ => true | _, _ => false end) (m_activations m).
Definition check_quotient (m : model) (assumptions : list (text * assumption)) (q : list row) (metric : list Q) (small : model) (L : subspace)
  (i : invariance) (relations : option (list axis * list relation)) : option bool :=
  let reduced all := check_reduction all m assumptions q metric small L
    && match relations with Some (axes, rs) => check_relations all m assumptions q small L axes rs | None => true end in
  if negb (orders_zero small) || N.ltb max_entries (entries_of small) then None
  else if check_invariance m assumptions L i && (reduced false || reduced true) then
    if kinks m assumptions && negb (kinks_shown m m assumptions L && kinks_shown m small assumptions (whole small)) then None else Some true
  else if opaque_functions m assumptions && match i, relations with InvIdentity, _ | _, None => true | _, _ => false end then None
  else Some false.
Theorem check_quotient_sound m assumptions q metric small L i relations : check_quotient m assumptions q metric small L i relations = Some true ->
  (forall sigma, admissible m assumptions sigma -> quotient_for m q metric small L sigma) /\ holds_at_kinks m assumptions (Quotient q metric small L).
Proof.
  unfold check_quotient. cbv zeta. destruct (_ || _); [easy|].
  destruct (check_invariance m assumptions L i && _) eqn:H; [|destruct (opaque_functions m assumptions && _); easy].
  destruct (kinks m assumptions && _) eqn:K; [easy|]. intros _. apply andb_prop in H as [Hi H].
  assert (R : exists all, check_reduction all m assumptions q metric small L = true) by (apply orb_prop in H as [[H _]%andb_prop|[H _]%andb_prop]; eauto).
  clear H. destruct R as (all & R). split.
  - intros sigma Ha. apply (check_reduction_sound _ _ _ _ _ _ _ R sigma Ha). now apply (check_invariance_sound m assumptions L i).
  - cbn [holds_at_kinks]. intros Hk sigma Ha. rewrite Hk in K. cbn [andb] in K. apply negb_false_iff in K. apply andb_prop in K as [K1 K2].
    split; [now apply kinks_shown_ok|]. apply kinks_shown_ok; [|exact K2]. unfold check_reduction in R. apply andb_prop in R as [[[R _]%andb_prop _]%andb_prop _].
    exact (small_admissible _ _ _ _ _ _ R Ha).
Qed.
