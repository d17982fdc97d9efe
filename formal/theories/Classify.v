(** * Classifications of the orbits of two-layer networks: the check and its theorem *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra Permutation Sorted ListDec FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Checks Dimension Upper Orbits Gradient.
From SimCert Require Import Syntax Printer Parser ClassificationMeaning Meaning Scalar Proper Assumed Invariance Equivariance Refute Features Bounds Ranks.
Import ListNotations.
Local Open Scope list_scope.

(** ** The model is Σ a_i σ(w_i·x): its units *)
Definition is_apply (n : node) : bool := match n with NApply _ _ _ N0 => true | _ => false end.
Definition is_input (n : node) : bool := match n with NInput _ _ => true | _ => false end.
Definition place (m : model) (arg : N * text) (e : env) : N := flat (snd arg) (shape_at m (fst arg)) e 0.
(** a contraction of two arguments, the one of the kind [first] in front: the arguments, and the environments of an entry *)
Definition factors_of (first : node -> bool) (m : model) (k : N) : option ((N * text) * (N * text) * (N -> list env)) :=
  match node_at m k with
  | NContract s [x; y] [tx; ty] out =>
    let envs i := enumerate (summed [tx; ty] [shape_at m x; shape_at m y] out) (unflat out s i) in
    if N.ltb x k && N.ltb y k then
      if first (node_at m x) then Some ((x, tx), (y, ty), envs) else if first (node_at m y) then Some ((y, ty), (x, tx), envs) else None
    else None
  | _ => None
  end.
Definition units_of (m : model) : option (text * list (N * list N) * list N) :=
  match m_outputs m with
  | [o] =>
    if N.eqb (size (shape_at m o)) 1 && has_length (m_nodes m) 6 then
      match factors_of is_apply m o with
      | Some (h, p, envs) =>
        match node_at m (fst h), node_at m (fst p) with
        | NApply _ a f N0, NParameter _ pname =>
          match factors_of is_input m a with
          | Some (x, w, envs') =>
            match node_at m (fst x), node_at m (fst w) with
            | NInput _ xname, NParameter _ wname =>
              let rows := map (fun e => ((offset (m_parameters m) pname + place m p e)%N,
                map (fun e' => (offset (m_parameters m) wname + place m w e', offset (m_inputs m) xname + place m x e')%N) (envs' (place m h e)))) (envs 0%N) in
              let inputs := match rows with r :: _ => map snd (snd r) | [] => [] end in
              let units := map (fun r => (fst r, map fst (snd r))) rows in
              let all := List.concat (map (fun u => fst u :: snd u) units) in
              if N.ltb a (fst h) && forallb (fun r => same_list N.eqb (map snd (snd r)) inputs) rows
                 && permutation_ok all && has_length all (dimension m)
                 && permutation_ok inputs && has_length inputs (fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_inputs m))
              then Some (f, units, inputs) else None
            | _, _ => None
            end
          | None => None
          end
        | _, _ => None
        end
      | None => None
      end
    else None
  | _ => None
  end.

Local Open Scope R_scope.
Section Value.
Variable m : model.
Variable sigma : text -> R -> R.
Variables theta x : vec.
Let V := value m sigma theta x.
Lemma run_at : forall l k v j n, nth_error l j = Some n -> exists v',
  (forall i, (i < k + N.of_nat j)%N -> v' i = run m sigma theta x l k v i) /\ run m sigma theta x l k v (k + N.of_nat j)%N = node_value m sigma theta x v' n.
Proof.
  induction l as [|a l IH]; intros k v j n; [now destruct j|]. destruct j as [|j]; cbn [nth_error run].
  - intros [= ->]. exists v. rewrite N.add_0_r. split.
    + intros i Hi. rewrite run_old by lia. now destruct (N.eqb_spec i k); [lia|].
    + rewrite run_old by lia. now rewrite N.eqb_refl.
  - intros H. destruct (IH (N.succ k) (fun j => if N.eqb j k then node_value m sigma theta x v a else v j) j n H) as (v' & H1 & H2).
    replace (k + N.of_nat (S j))%N with (N.succ k + N.of_nat j)%N by lia. now exists v'.
Qed.
Lemma value_at k n : node_at m k = n -> n <> NAdd [] [] -> exists v, (forall j, (j < k)%N -> v j = V j) /\ V k = node_value m sigma theta x v n.
Proof.
  unfold node_at, at_. intros H D. assert (E : nth_error (m_nodes m) (N.to_nat k) = Some n).
  { rewrite <- H. apply nth_error_nth'. destruct (Nat.lt_ge_cases (N.to_nat k) (length (m_nodes m))) as [L|L]; [exact L|].
    rewrite nth_overflow in H by exact L. congruence. }
  destruct (run_at (m_nodes m) 0%N (fun _ _ => 0) (N.to_nat k) n E) as (v & H1 & H2). rewrite N.add_0_l, N2Nat.id in *. now exists v.
Qed.
Lemma factors_value first k a b envs : factors_of first m k = Some (a, b, envs) -> first (node_at m (fst a)) = true /\
  forall i, V k i = rsum (fun e => V (fst a) (place m a e) * V (fst b) (place m b e)) (envs i).
Proof.
  unfold factors_of. destruct (node_at m k) as [s n|s n|s n|s c|s l|s args terms out|s g ix|s g ix|s g f o] eqn:En; try easy.
  destruct args as [|y [|z [|]]]; try easy. destruct terms as [|ty [|tz [|]]]; try easy. cbv zeta.
  destruct (N.ltb_spec y k) as [Ly|]; [|easy]. destruct (N.ltb_spec z k) as [Lz|]; [|easy]. cbn [andb].
  destruct (value_at k _ En) as (v & Hv & E); [discriminate|].
  assert (K : forall i, V k i = rsum (fun e => V y (place m (y, ty) e) * V z (place m (z, tz) e))
    (enumerate (summed [ty; tz] [shape_at m y; shape_at m z] out) (unflat out s i))).
  { intros i. rewrite E. cbn [node_value]. rewrite enumerate_ok. cbn [map]. apply rsum_ext. intros e _. unfold rprod, place. cbn [combine map fold_right fst snd].
    rewrite !Hv by assumption. now rewrite Rmult_1_r. }
  destruct (first (node_at m y)) eqn:E1; [intros [= <- <- <-]; now split|]. destruct (first (node_at m z)) eqn:E2; [|easy].
  intros [= <- <- <-]. split; [exact E2|]. intros i. rewrite K. apply rsum_ext. intros e _. apply Rmult_comm.
Qed.
End Value.
Lemma combine_fst_snd {A B} (l : list (A * B)) : combine (map fst l) (map snd l) = l.
Proof. induction l as [|[a b] l IH]; cbn; [reflexivity|]. now rewrite IH. Qed.
Lemma same_list_eq a b : same_list N.eqb a b = true -> a = b.
Proof. intros H. apply same_list_ok in H. induction H as [|x y a b E H IH]; [reflexivity|]. apply N.eqb_eq in E. congruence. Qed.
Lemma permutation_upto l n : permutation_ok l = true -> has_length l n = true -> Permutation l (upto n).
Proof. intros H L. apply has_length_ok in L. rewrite <- L. now apply permutation_ok_spec. Qed.
Theorem units_of_sound m f units inputs : units_of m = Some (f, units, inputs) -> two_layers m f units inputs.
Proof.
  unfold units_of. destruct (m_outputs m) as [|o [|]] eqn:Eo; try easy.
  destruct (N.eqb (size (shape_at m o)) 1 && has_length (m_nodes m) 6) eqn:E0; [|easy]. apply andb_prop in E0 as [E0%N.eqb_eq _].
  destruct (factors_of is_apply m o) as [[[h p] envs]|] eqn:E1; [|easy].
  destruct (node_at m (fst h)) as [| | | | | | | |sh a g [|]] eqn:Eh; try easy. destruct (node_at m (fst p)) as [sp pname| | | | | | | |] eqn:Ep; try easy.
  destruct (factors_of is_input m a) as [[[y w] envs']|] eqn:E2; [|easy].
  destruct (node_at m (fst y)) as [| |sy xname| | | | | |] eqn:Ey; try easy. destruct (node_at m (fst w)) as [sw wname| | | | | | | |] eqn:Ew; try easy.
  cbv zeta. match goal with |- context [map ?F (envs 0%N)] => set (rows := map F (envs 0%N)) end.
  set (ins := match rows with r :: _ => map snd (snd r) | [] => [] end).
  match goal with |- (if ?b then _ else _) = _ -> _ => destruct b eqn:E; [|easy] end. intros [= <- <- <-].
  apply andb_prop in E as [[[[[La Hrow]%andb_prop P1]%andb_prop L1]%andb_prop P2]%andb_prop L2]. apply N.ltb_lt in La. rewrite forallb_forall in Hrow.
  assert (Hin : forall r, In r rows -> map snd (snd r) = ins) by (intros r Hr; now apply same_list_eq, Hrow).
  unfold two_layers. split; [|split; [now apply permutation_upto|split; [now apply permutation_upto|split]]].
  - intros k i. unfold output_entry. rewrite Eo. split.
    + intros (n & Hn & Hi). destruct (N.to_nat k) as [|j] eqn:Ek; [|now destruct j]. injection Hn as <-. lia.
    + intros [-> ->]. exists o. split; [reflexivity|]. lia.
  - intros u Hu. apply in_map_iff in Hu as (r & <- & Hr). cbn [snd]. rewrite <- (Hin r Hr). now rewrite !map_length.
  - intros sigma theta x. unfold F. rewrite Eo. change (at_ [o] 0%N 0%N) with o.
    destruct (factors_value m sigma theta x is_apply o h p envs E1) as [_ ->]. rewrite rsum_map.
    assert (K : forall r, In r rows -> combine (map fst (snd r)) ins = snd r) by (intros r Hr; rewrite <- (Hin r Hr); apply combine_fst_snd).
    rewrite (rsum_ext _ (fun r => entry theta (fst r) * sigma g (rsum (fun pq => entry theta (fst pq) * entry x (snd pq)) (snd r))) rows)
      by (intros r Hr; cbn [fst snd]; now rewrite K).
    unfold rows. rewrite rsum_map. apply rsum_ext. intros e _. cbn [fst snd]. rewrite rsum_map.
    destruct (value_at m sigma theta x (fst h) _ Eh) as (v & Hv & E); [discriminate|]. rewrite E. cbn [node_value].
    destruct (value_at m sigma theta x (fst p) _ Ep) as (v2 & _ & E'); [discriminate|]. rewrite E'. cbn [node_value leaf_index]. rewrite Rmult_comm. f_equal.
    change (Derive_n (sigma g) (N.to_nat 0) (v a (place m h e))) with (sigma g (v a (place m h e))). f_equal. rewrite Hv by exact La.
    destruct (factors_value m sigma theta x is_input a y w envs' E2) as [_ ->]. apply rsum_ext. intros e' _. cbn [fst snd].
    destruct (value_at m sigma theta x (fst y) _ Ey) as (v3 & _ & ->); [discriminate|].
    destruct (value_at m sigma theta x (fst w) _ Ew) as (v4 & _ & ->); [discriminate|]. cbn [node_value leaf_index]. ring.
Qed.

(** ** The table *)
Local Open Scope N_scope.
Local Open Scope bool_scope.
Fixpoint decreasing_b (l : list N) : bool := match l with a :: (b :: _) as l' => N.leb b a && decreasing_b l' | _ => true end.
Lemma decreasing_ok l : decreasing_b l = true <-> decreasing l.
Proof.
  induction l as [|a l IH]; [now split|]. destruct l as [|b l]; [now split|]. cbn [decreasing_b decreasing] in *. rewrite andb_true_iff, N.leb_le. tauto.
Qed.
Definition plain_row (r : table_row) : bool := match r with Row_plain => true | _ => false end.
Definition is_type_b (r : table_row) (units : N) (t : type) : bool :=
  N.eqb (fst t + nsum (snd t)) units && (negb (plain_row r) || N.eqb (fst t) 0) && forallb (N.leb 1) (snd t) && decreasing_b (snd t).
Lemma is_type_ok r units t : is_type_b r units t = true -> is_type r units t.
Proof.
  unfold is_type_b, is_type. intros H. apply andb_prop in H as [[[H1%N.eqb_eq H2]%andb_prop H3]%andb_prop H4%decreasing_ok]. split; [exact H1|]. split.
  - intros ->. now apply N.eqb_eq.
  - split; [|exact H4]. rewrite forallb_forall in H3. intros b Hb. now apply N.leb_le, H3.
Qed.
(** partitions of n with parts of at most b *)
Fixpoint partitions (fuel n b : nat) : list (list N) :=
  match fuel with
  | O => if Nat.eqb n 0 then [[]] else []
  | S f => if Nat.eqb n 0 then [[]] else flat_map (fun x => map (cons (N.of_nat x)) (partitions f (n - x) x)) (seq 1 (Nat.min n b))
  end.
Lemma partitions_all fuel : forall n b l, (n <= fuel)%nat -> nsum l = N.of_nat n -> (forall x, In x l -> 1 <= x) -> decreasing l ->
  (match l with x :: _ => x <= N.of_nat b | [] => True end) -> In l (partitions fuel n b).
Proof.
  induction fuel as [|f IH]; intros n b l Hn Hs H1 Hd Hb.
  - assert (n = 0)%nat as -> by lia. destruct l as [|x l]; [now left|]. specialize (H1 x (or_introl eq_refl)). cbn in Hs. lia.
  - cbn [partitions]. destruct l as [|x l].
    + cbn in Hs. destruct (Nat.eqb_spec n 0); [now left|lia].
    + assert (Hx := H1 x (or_introl eq_refl)). cbn [nsum fold_right] in Hs. change (fold_right N.add 0 l) with (nsum l) in Hs.
      destruct (Nat.eqb_spec n 0); [lia|]. apply in_flat_map. exists (N.to_nat x). split; [apply in_seq; lia|]. rewrite N2Nat.id. apply in_map.
      apply IH; [lia|lia|intros y Hy; apply H1; now right| |].
      * destruct l as [|y l]; [exact I|]. exact (proj2 Hd).
      * destruct l as [|y l]; [exact I|]. destruct Hd as [Hd _]. lia.
Qed.
Definition all_types (r : table_row) (units : N) : list type :=
  let u := N.to_nat units in
  flat_map (fun z => map (fun l => (N.of_nat z, l)) (partitions (u - z) (u - z) (u - z))) (if plain_row r then [0%nat] else seq 0 (S u)).
Lemma all_types_ok r units t : is_type r units t -> In t (all_types r units).
Proof.
  destruct t as [z l]. unfold is_type, all_types. cbn [fst snd]. cbv zeta. intros (H1 & H2 & H3 & H4). apply in_flat_map. exists (N.to_nat z). split.
  - destruct r; cbn [plain_row]; try (apply in_seq; lia). left. rewrite (H2 eq_refl). reflexivity.
  - rewrite N2Nat.id. apply in_map. apply partitions_all; [lia|lia|exact H3|exact H4|]. destruct l as [|x l]; [exact I|]. cbn [nsum fold_right] in H1. lia.
Qed.
Definition type_eqb (a b : type) : bool := N.eqb (fst a) (fst b) && same_list N.eqb (snd a) (snd b).
Lemma type_eqb_ok a b : type_eqb a b = true -> a = b.
Proof. destruct a, b. unfold type_eqb. cbn [fst snd]. intros H. apply andb_prop in H as [->%N.eqb_eq ->%same_list_eq]. reflexivity. Qed.
Lemma blocks_lt_trans a : forall b c, blocks_lt a b = true -> blocks_lt b c = true -> blocks_lt a c = true.
Proof.
  induction a as [|x a IH]; intros [|y b] [|z c]; cbn [blocks_lt]; try easy. rewrite !orb_true_iff, !andb_true_iff, !N.ltb_lt, !N.eqb_eq.
  intros [H|[-> H]] [K|[-> K]]; try (left; lia). right. split; [reflexivity|]. now apply (IH b).
Qed.
Lemma type_lt_trans a b c : type_lt a b = true -> type_lt b c = true -> type_lt a c = true.
Proof.
  destruct a, b, c. unfold type_lt. cbn [fst snd]. rewrite !orb_true_iff, !andb_true_iff, !N.ltb_lt, !N.eqb_eq.
  intros [H|[-> H]] [K|[-> K]]; try (left; lia). right. split; [reflexivity|]. now apply (blocks_lt_trans _ l0).
Qed.
Lemma ordered_sorted l : ordered (fun a b => type_lt (type_of a) (type_of b)) l = true -> StronglySorted (fun a b => type_lt (type_of a) (type_of b) = true) l.
Proof.
  intros H. apply Sorted_StronglySorted; [intros a b c; apply type_lt_trans|]. induction l as [|a l IH]; [constructor|]. destruct l as [|b l].
  - constructor; constructor.
  - change (ordered (fun a b => type_lt (type_of a) (type_of b)) (a :: b :: l)) with
      (type_lt (type_of a) (type_of b) && ordered (fun a b => type_lt (type_of a) (type_of b)) (b :: l)) in H.
    apply andb_prop in H as [H1 H2]. constructor; [now apply IH|]. constructor. exact H1.
Qed.

Definition pattern_dec : forall a b : pattern, {a = b} + {a <> b}.
Proof. repeat decide equality. Defined.
Definition check_stratum (m : model) (t : features) (units : list (N * list N)) (d : N) (s : stratum) : bool :=
  let patterns := all_patterns t (List.length (t_blocks s)) in
  let found := map (fun p => pattern_of t (particles m units p)) (t_points s) in
  is_type_b (table_row_of t) (count_of units) (type_of s)
  && Z.eqb (t_count s) (orbit_count t d (type_of s)) && N.eqb (t_dimension s) (orbit_dimension t d (type_of s)) && N.eqb (t_patterns s) (count_of patterns)
  && match t_points s with [] => false | _ => true end
  && forallb (fun p => type_eqb (structure t (particles m units p)) (type_of s)) (t_points s)
  && (if NoDup_dec pattern_dec found then true else false) && (if incl_dec pattern_dec found patterns then true else false).
Definition check_table (m : model) (t : features) (units : list (N * list N)) (d : N) (strata : list stratum) (induced : bool) (total : Z) : bool :=
  forallb (fun s => is_type_b (table_row_of t) (count_of units) (type_of s)) strata
  && forallb (fun ty => existsb (fun s => type_eqb ty (type_of s)) strata) (all_types (table_row_of t) (count_of units))
  && ordered (fun a b => type_lt (type_of a) (type_of b)) strata && forallb (check_stratum m t units d) strata
  && Z.eqb total (total_count (map t_count strata)) && Bool.eqb induced (induced_by_symmetry t (count_of units)).
Lemma check_table_sound m t units d strata induced total : check_table m t units d strata induced total = true -> table_holds m t units d strata induced total.
Proof.
  unfold check_table, table_holds. intros H.
  apply andb_prop in H as [[[[[H1 H2]%andb_prop H3]%andb_prop H4]%andb_prop H5%Z.eqb_eq]%andb_prop H6%eqb_prop]. rewrite forallb_forall in H1, H2, H4.
  split; [|split; [now apply ordered_sorted|split; [|now split]]].
  - intros ty. split.
    + intros Ht. apply in_map_iff in Ht as (s & <- & Hs). now apply is_type_ok, H1.
    + intros Ht. apply all_types_ok in Ht. specialize (H2 ty Ht). apply existsb_exists in H2 as (s & Hs & ->%type_eqb_ok). now apply in_map.
  - intros s Hs. specialize (H4 s Hs). unfold check_stratum in H4. cbv zeta in H4.
    apply andb_prop in H4 as [[[[[[[_ A1%Z.eqb_eq]%andb_prop A2%N.eqb_eq]%andb_prop A3%N.eqb_eq]%andb_prop A4]%andb_prop A5]%andb_prop A6]%andb_prop A7].
    rewrite forallb_forall in A5. destruct (NoDup_dec _ _) as [A8|]; [|easy]. destruct (incl_dec _ _ _) as [A9|]; [|easy].
    repeat split; auto.
    + intros E. now rewrite E in A4.
    + intros p Hp. now apply type_eqb_ok, A5.
Qed.

(** ** Invariant subspaces: what is assumed there follows for differentiable functions *)
Definition fact_of (t : features) (h : fact) : bool := match h with Odd => is_odd t | Even => is_even t | Zero => at0 t | Flat => slope0 t end.
Definition implied_smooth (l : list fact) (h : fact) : bool := implied l h || match h with Flat => has l Even | _ => false end.
Definition follows_smooth (m : model) (assumptions weaker : list (text * assumption)) : bool :=
  forallb (fun e => match find (fst e) assumptions, find (fst e) weaker with
    | Some Itself, Some Itself => true
    | Some (Facts l), Some (Facts l') => forallb (implied_smooth l) l'
    | Some Itself, Some (Facts l') => match snd e, definition_features (snd e) with
      | Class _, _ => false
      | _, Some t => forallb (fact_of t) l'
      | _, None => false end
    | _, _ => false end) (m_activations m).
Local Open Scope R_scope.
Lemma has_features_fact t g h : has_features t g -> fact_of t h = true -> fact_holds g h.
Proof. intros (_ & H1 & H2 & H3 & H4 & _). destruct h; cbn [fact_of fact_holds]; intros E; [now apply H4|now apply H2|now apply H3|now apply H1]. Qed.
Lemma features_definition d t : definition_features d = Some t -> match d with Class _ => True | _ => exists g, function_of d = Some g /\ has_features t g end.
Proof.
  destruct d as [c|c|a b|n]; cbn [definition_features]; intros H; [exact I| |easy|now apply named_features_ok].
  destruct (polynomial_in_table c) eqn:K; [|easy]. injection H as <-. exists (polynomial c). split; [reflexivity|]. now apply polynomial_features_ok.
Qed.
Lemma follows_smooth_ok m assumptions weaker sigma : follows_smooth m assumptions weaker = true -> admissible m assumptions sigma -> differentiable m sigma ->
  admissible m weaker sigma.
Proof.
  intros H A D f d Hin. unfold follows_smooth in H. rewrite forallb_forall in H. specialize (H _ Hin). specialize (A f d Hin). cbn [fst snd] in H.
  destruct (find f assumptions) as [[|l]|], (find f weaker) as [[|l']|]; try easy; try exact A.
  - destruct A as (g & Hg & A). destruct (definition_features d) as [t|] eqn:Et; [|now destruct d]. assert (K := features_definition d t Et).
    assert (K' : exists g, function_of d = Some g /\ has_features t g) by (destruct d; [easy|exact K..]). destruct K' as (g' & Hg' & K').
    assert (g' = g) as -> by congruence. assert (G : forallb (fact_of t) l' = true) by now destruct d. rewrite forallb_forall in G.
    assert (S : sigma f = g) by (apply functional_extensionality; exact A). rewrite S. intros h Hh. apply (has_features_fact t); auto.
  - rewrite forallb_forall in H. intros h Hh. specialize (H h Hh). apply orb_prop in H as [H|H]; [now apply (implied_ok l)|].
    destruct h; try easy. apply has_ok, A in H. cbn [fact_holds] in *. apply (even_slope (sigma f)); [|exact H]. apply Derive_correct. now apply (D f d).
Qed.
Definition check_space (m : model) (assumptions : list (text * assumption)) (w : invariant_subspace) : bool :=
  (follows_smooth m assumptions (i_assumptions w) && check_within m (i_assumptions w) w)%bool.
Lemma check_space_sound m assumptions w : check_space m assumptions w = true -> forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
  invariant_for m (i_subspace w) sigma.
Proof.
  unfold check_space. intros H sigma Ha Hd. apply andb_prop in H as [H1 H2]. apply (check_within_sound _ _ _ H2 sigma). now apply (follows_smooth_ok m assumptions).
Qed.
Local Open Scope N_scope.

(** ** Dimensions at the points *)
Definition space_modulus : Z := 2147483647.
Definition space_above (sm : Checks.model) (th : Checks.qvec) (w : option invariant_subspace) : option nat :=
  match w with
  | None => Some (Pos.to_nat (Checks.m_nparams sm))
  | Some _ => match Upper.upper_det sm (affine_rows w) [] th space_modulus [] with Some _ => Some (Upper.upper_value sm (affine_rows w) []) | None => None end
  end.
Definition check_points (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)) (mem : Gradient.member)
    (s : stratum) (p : list lower * option invariant_subspace) : bool :=
  match snd p with Some w => applied_known m && check_space m assumptions w | None => true end
  && has_length (fst p) (length_n (t_points s))
  && forallb (fun pl => let th := scalar_point m (fst pl) in
       match bound_below m sm outs mem th (snd pl), space_above sm th (snd p) with
       | Some a, Some b => Nat.eqb a (N.to_nat (t_dimension s)) && Nat.eqb b (N.to_nat (t_dimension s)) | _, _ => false end) (combine (t_points s) (fst p)).
Definition check_bounds (m : model) (assumptions : list (text * assumption)) (strata : list stratum) (members : list (text * list Q))
    (proofs : list (list lower * option invariant_subspace)) : bool :=
  member_setup m assumptions members &&
  match scalar_model true m assumptions with
  | Some (sm, outs) =>
    has_length proofs (length_n strata) && forallb (fun sp => check_points m assumptions sm outs (scalar_members m members) (fst sp) (snd sp)) (combine strata proofs)
  | None => false
  end.
Lemma in_combine_full {A B} (l : list A) : forall (l' : list B) a, has_length l' (length_n l) = true -> In a l -> exists b, In (a, b) (combine l l').
Proof.
  intros l' a H. apply has_length_ok in H. rewrite length_n_ok in H. assert (E : List.length l' = List.length l) by lia. clear H. revert l' E.
  induction l as [|x l IH]; intros [|y l'] E; cbn in *; try easy. intros [->|Hin]; [exists y; now left|].
  destruct (IH l' (eq_add_S _ _ E) Hin) as [b Hb]. exists b. now right.
Qed.
Theorem check_bounds_sound m assumptions strata members proofs : check_bounds m assumptions strata members proofs = true ->
  (exists sigma, polynomial_members m sigma /\ differentiable m sigma /\
    forall s p, In s strata -> In p (t_points s) -> lie_dimension m sigma (point_vector m p) (N.to_nat (t_dimension s))) /\
  (forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
    forall s p d, In s strata -> In p (t_points s) -> lie_dimension m sigma (point_vector m p) d -> (d <= N.to_nat (t_dimension s))%nat).
Proof.
  unfold check_bounds. intros H. apply andb_prop in H as [H0 H]. destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Hs; [|easy].
  apply andb_prop in H as [HL H]. rewrite forallb_forall in H. destruct (setup_ok _ _ _ H0) as (Hdim & P & Hd & Ha & Hp).
  assert (B : forall s p, In s strata -> In p (t_points s) ->
    Dimension.lie_ge sm (scalar_s m assumptions (member_sigma m members)) (point_vector m p) (N.to_nat (t_dimension s)) /\
    forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
      Dimension.lie_le sm (scalar_s m assumptions sigma) (point_vector m p) (N.to_nat (t_dimension s))).
  { intros s p Hin Hpt. destruct (in_combine_full strata proofs s HL Hin) as [[ls w] Hsp]. specialize (H _ Hsp). unfold check_points in H. cbn [fst snd] in H.
    apply andb_prop in H as [[Hw Hlen]%andb_prop H]. rewrite forallb_forall in H. destruct (in_combine_full _ _ p Hlen Hpt) as [l Hl]. specialize (H _ Hl).
    cbn [fst snd] in H. cbv zeta in H. assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok.
    destruct (bound_below _ _ _ _ _ _) as [a|] eqn:El; [|easy]. destruct (space_above _ _ _) as [b|] eqn:Eu; [|easy].
    apply andb_prop in H as [->%Nat.eqb_eq ->%Nat.eqb_eq]. split.
    - rewrite <- Eth. exact (bound_below_sound _ _ _ H0 sm outs _ l _ Hs El).
    - intros sigma Ha' Hd'. rewrite <- Eth. unfold space_above in Eu. destruct w as [w|].
      + destruct (Upper.upper_det _ _ _ _ _ _) as [e|] eqn:Ed; [|easy]. injection Eu as <-. apply (Upper.upper_det_sound _ _ _ _ _ _ _ Ed); [|intros h []].
        apply andb_prop in Hw as [K W]. cbn [affine_rows]. apply (within_tangent m assumptions sm outs Hs Hdim sigma Ha' Hd'); [exact K|].
        now apply (check_space_sound _ _ _ W).
      + injection Eu as <-. apply Dimension.lie_le_full. }
  split.
  - exists (member_sigma m members). split; [exact P|]. split; [exact Hd|]. intros s p Hin Hpt. destruct (B s p Hin Hpt) as [B1 B2].
    apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha). split; [exact B1|now apply B2].
  - intros sigma Ha' Hd' s p d Hin Hpt D. apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha') in D.
    apply (Dimension.lie_ge_le _ _ _ _ _ (proj1 D)). now apply B.
Qed.

(** ** The claim. [None]: more units than are counted here, or bounds that are not shown for functions that are opaque here *)
Definition table_row_eqb (a b : table_row) : bool :=
  match a, b with
  | Row_plain, Row_plain | Row_odd, Row_odd | Row_zero, Row_zero | Row_flat, Row_flat | Row_flat_zero, Row_flat_zero => true
  | _, _ => false
  end.
Definition max_units : N := 10.
Definition facts_assumed (assumptions : list (text * assumption)) (f : text) (d : definition) : bool :=
  match d with Class c => match find f assumptions with Some (Facts l) => forallb (has l) (class_facts c) | _ => false end | _ => true end.
Definition spaces_assume (m : model) (proofs : list (list lower * option invariant_subspace)) : bool :=
  forallb (fun p => match snd p with Some w => assumptions_ok false m (i_assumptions w) | None => true end) proofs.
Definition check_classification (m : model) (assumptions : list (text * assumption)) (row : table_row) (strata : list stratum) (induced : bool) (total : Z)
    (members : list (text * list Q)) (proofs : list (list lower * option invariant_subspace)) : option bool :=
  match units_of m with
  | Some (f, units, inputs) =>
    match find f (m_activations m) with
    | Some d =>
      match definition_features d with
      | Some t =>
        if N.ltb max_units (count_of units) then None
        else if facts_assumed assumptions f d && table_row_eqb (table_row_of t) row && check_table m t units (count_of inputs) strata induced total then
          if check_bounds m assumptions strata members proofs then Some true else if all_polynomial m && spaces_assume m proofs then Some false else None
        else Some false
      | None => Some false
      end
    | None => Some false
    end
  | None => Some false
  end.
Theorem check_classification_sound m assumptions row strata induced total members proofs :
  check_classification m assumptions row strata induced total members proofs = Some true -> classification_holds m assumptions row strata induced total.
Proof.
  unfold check_classification. destruct (units_of m) as [[[f units] inputs]|] eqn:Eu; [|easy]. destruct (find f (m_activations m)) as [d|] eqn:Ed; [|easy].
  destruct (definition_features d) as [t|] eqn:Et; [|easy]. destruct (N.ltb _ _); [easy|].
  destruct (facts_assumed assumptions f d && _ && _) eqn:E; [|easy]. destruct (check_bounds _ _ _ _ _) eqn:Eb; [|now destruct (all_polynomial m && spaces_assume m proofs)%bool]. intros _.
  apply andb_prop in E as [[Ef Er]%andb_prop E]. assert (R : table_row_of t = row) by (destruct (table_row_of t), row; easy). apply find_in in Ed.
  destruct (check_bounds_sound _ _ _ _ _ Eb) as [B1 B2]. split; [|now split].
  exists f, d, units, inputs, t. split; [now apply units_of_sound|]. split; [exact Ed|]. split; [exact R|]. split; [|now apply check_table_sound].
  destruct d as [c|c|a b|n]; cbn [definition_features] in Et.
  - injection Et as <-. split; [reflexivity|]. intros sigma Ha Hd. cbn [facts_assumed] in Ef. specialize (Ha f _ Ed).
    destruct (find f assumptions) as [[|l]|]; try easy. rewrite forallb_forall in Ef. apply class_respects; [|exact (Hd f _ Ed)].
    intros h Hh. apply Ha. now apply has_ok, Ef.
  - exact (features_definition (Polynomial c) t Et).
  - easy.
  - now apply named_features_ok.
Qed.
