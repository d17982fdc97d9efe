(** * SPECIFICATION (executable): the types of orbits of two-layer networks, their numbers, and the structure of a point.

    Section 9 of docs/format.md; the words particle, idle and equivalent are those of docs/classification.md. That the orbits are exactly those
    that are counted here is the theorem of that page; it is cited, not proved. *)
From Coq Require Import List ZArith NArith QArith Bool.
From SimCert Require Import Syntax.
Import ListNotations.
Local Open Scope bool_scope.
Local Open Scope N_scope.

(** what the theorem asks about a function: σ(0) = 0, σ'(0) = 0, odd, even *)
Record features := { at0 : bool; slope0 : bool; is_odd : bool; is_even : bool }.
Definition class_features (c : class) : features :=
  match c with
  | Generic => {| at0 := false; slope0 := false; is_odd := false; is_even := false |}
  | Odd_class => {| at0 := true; slope0 := false; is_odd := true; is_even := false |}
  | Even_class => {| at0 := false; slope0 := true; is_odd := false; is_even := true |}
  | Generic0 => {| at0 := true; slope0 := false; is_odd := false; is_even := false |}
  | Flat_class => {| at0 := false; slope0 := true; is_odd := false; is_even := false |}
  end.
Definition table_row_of (t : features) : table_row :=
  if slope0 t then (if at0 t then Row_flat_zero else Row_flat)
  else if at0 t then (if is_odd t then Row_odd else Row_zero) else Row_plain.
Definition parity (t : features) : bool := is_odd t || is_even t.

(** ** Types: idle units, and the sizes of the blocks of equivalent units, largest first *)
Definition type := (N * list N)%type.
Definition nsum (l : list N) : N := fold_right N.add 0 l.
Definition nproduct (l : list N) : N := fold_right N.mul 1 l.
Definition count_of {A} (l : list A) : N := N.of_nat (List.length l).
Fixpoint decreasing (l : list N) : Prop := match l with a :: (b :: _) as l' => b <= a /\ decreasing l' | _ => True end.
Definition is_type (r : table_row) (units : N) (t : type) : Prop :=
  fst t + nsum (snd t) = units /\ (r = Row_plain -> fst t = 0) /\ (forall b, In b (snd t) -> 1 <= b) /\ decreasing (snd t).
Fixpoint blocks_lt (a b : list N) : bool :=
  match a, b with
  | [], _ :: _ => true
  | x :: a', y :: b' => N.ltb x y || (N.eqb x y && blocks_lt a' b')
  | _, [] => false
  end.
Definition type_lt (a b : type) : bool := N.ltb (fst a) (fst b) || (N.eqb (fst a) (fst b) && blocks_lt (snd a) (snd b)).
Definition type_of (s : stratum) : type := (t_zero s, t_blocks s).

(** ** Numbers of orbits, dimensions *)
Fixpoint factorial_nat (n : nat) : N := match n with O => 1 | S n' => N.of_nat n * factorial_nat n' end.
Definition factorial (n : N) : N := factorial_nat (N.to_nat n).
Definition binomial (n k : N) : N := factorial n / (factorial k * factorial (n - k)).
(** for every size of blocks, how many there are *)
Definition multiplicities (blocks : list N) : list N := map (fun b => count_of (filter (N.eqb b) blocks)) (nodup N.eq_dec blocks).
(** choices of the idle units; of the blocks; of the signs inside the blocks; on a line of inputs, of the signs of the w of the blocks. -1: infinitely many *)
Definition orbit_count (t : features) (d : N) (ty : type) : Z :=
  let (z, blocks) := ty in
  let n := nsum blocks in let k := count_of blocks in
  if match table_row_of t with Row_flat => N.leb 2 z | Row_flat_zero => N.leb 1 z | _ => false end then (-1)%Z else
  Z.of_N (binomial (z + n) z * (factorial n / (nproduct (map factorial blocks) * nproduct (map factorial (multiplicities blocks))))
    * (if parity t then 2 ^ (n - k) else 1) * (if slope0 t && N.eqb d 1 then 2 ^ k else 1)).
Definition orbit_dimension (t : features) (d : N) (ty : type) : N :=
  count_of (snd ty) * (d + 1) + match table_row_of t with Row_flat => if N.leb 1 (fst ty) then 1 else 0 | _ => 0 end.
Definition total_count (counts : list Z) : Z := if existsb (Z.eqb (-1)) counts then (-1)%Z else fold_right Z.add 0%Z counts.
(** the answer of docs/classification.md to the question whether symmetry induces all orbits *)
Definition induced_by_symmetry (t : features) (units : N) : bool :=
  match table_row_of t with Row_plain | Row_odd => true | Row_flat => N.eqb units 1 && is_even t | _ => false end.

(** ** The structure of a point *)
Definition particle := (Q * list Q)%type.
Fixpoint same_w (v w : list Q) : bool := match v, w with [], [] => true | a :: v', b :: w' => Qeq_bool a b && same_w v' w' | _, _ => false end.
Definition turned (w : list Q) : list Q := map Qopp w.
Definition zero_w (w : list Q) : bool := forallb (Qeq_bool 0) w.
Definition idle (t : features) (p : particle) : bool := zero_w (snd p) && (slope0 t || (at0 t && Qeq_bool (fst p) 0)).
Definition equivalent (t : features) (p q : particle) : bool :=
  (Qeq_bool (fst p) (fst q) && same_w (snd p) (snd q))
  || (is_odd t && Qeq_bool (fst p) (- fst q) && same_w (snd p) (turned (snd q)))
  || (is_even t && Qeq_bool (fst p) (fst q) && same_w (snd p) (turned (snd q))).
(** blocks as a representative and a size *)
Fixpoint join (t : features) (p : particle) (blocks : list (particle * N)) : list (particle * N) :=
  match blocks with
  | [] => [(p, 1)]
  | (q, n) :: l => if equivalent t p q then (q, n + 1) :: l else (q, n) :: join t p l
  end.
Definition blocks_of (t : features) (ps : list particle) : list (particle * N) :=
  fold_left (fun l p => if idle t p then l else join t p l) ps [].
Section Sort.
Context {A : Type} (le : A -> A -> bool).
Fixpoint insert (a : A) (l : list A) : list A := match l with [] => [a] | b :: l' => if le a b then a :: l else b :: insert a l' end.
Definition sort (l : list A) : list A := fold_right insert [] l.
End Sort.
Definition structure (t : features) (ps : list particle) : type :=
  (count_of (filter (idle t) ps), sort (fun a b => N.leb b a) (map snd (blocks_of t ps))).

(** ** Patterns: how many of k particles, no two equivalent and none idle, have a given w, and how many of these have a = 0 *)
Definition tally := (N * N)%type.
Definition tally_le (a b : tally) : bool := N.ltb (fst a) (fst b) || (N.eqb (fst a) (fst b) && N.leb (snd a) (snd b)).
(** for a vector w ≠ 0 up to sign: the pairs of w and -w, the smaller first; with a parity all of them are counted in the second *)
Definition sides := (tally * tally)%type.
Definition sides_le (a b : sides) : bool :=
  if tally_le (fst a) (fst b) then (if tally_le (fst b) (fst a) then tally_le (snd a) (snd b) else true) else false.
(** the pair of w = 0, and the sides of all other w *)
Definition pattern := (tally * list sides)%type.
Definition number_with (ps : list particle) : tally := (count_of ps, count_of (filter (fun p => Qeq_bool (fst p) 0) ps)).
Definition sides_of (t : features) (ps : list particle) (w : list Q) : sides :=
  let plus := filter (fun p => same_w w (snd p)) ps in let minus := filter (fun p => same_w (turned w) (snd p)) ps in
  let a := number_with plus in let b := number_with minus in
  if parity t then ((0, 0), number_with (plus ++ minus)) else if tally_le a b then (a, b) else (b, a).
(** the w ≠ 0 of the particles, one of each up to sign *)
Definition lines (ps : list particle) : list (list Q) :=
  fold_left (fun l p => if zero_w (snd p) || existsb (fun w => same_w w (snd p) || same_w (turned w) (snd p)) l then l else snd p :: l) ps [].
Definition pattern_of (t : features) (ps : list particle) : pattern :=
  let reps := map fst (blocks_of t ps) in
  (number_with (filter (fun p => zero_w (snd p)) reps), sort sides_le (map (sides_of t reps) (lines reps))).

(** r inequivalent particles with one w ≠ 0: at most one of them has a = 0 *)
Definition tallies (r : nat) : list tally := if Nat.eqb r 0 then [(0, 0)] else [(N.of_nat r, 0); (N.of_nat r, 1)].
Definition all_sides (t : features) (r : nat) : list sides :=
  if parity t then map (fun s => ((0, 0), s)) (tallies r)
  else flat_map (fun i => filter (fun s => tally_le (fst s) (snd s)) (list_prod (tallies i) (tallies (r - i)))) (seq 0 (S r)).
(** all multisets of the listed sides (each with its number of particles) with n particles together *)
Fixpoint multisets (l : list (nat * sides)) (n : nat) : list (list sides) :=
  match l with
  | [] => if Nat.eqb n 0 then [[]] else []
  | (r, s) :: l' => flat_map (fun j => map (app (repeat s j)) (multisets l' (n - j * r))) (seq 0 (S (n / r)))
  end.
(** r inequivalent particles with w = 0 that are not idle *)
Definition tallies_at_zero (t : features) (r : nat) : list tally :=
  if Nat.eqb r 0 then [(0, 0)] else if slope0 t then [] else if at0 t then [(N.of_nat r, 0)] else tallies r.
Definition all_patterns (t : features) (k : nat) : list pattern :=
  flat_map (fun r => flat_map (fun z => map (fun l => (z, sort sides_le l))
    (multisets (flat_map (fun r' => map (fun s => (r', s)) (all_sides t r')) (seq 1 (k - r))) (k - r))) (tallies_at_zero t r)) (seq 0 (S k)).
