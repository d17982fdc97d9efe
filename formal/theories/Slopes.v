(** * Piecewise activations: invariance with any value of the slope where there is no derivative.

    docs/format.md, section 3: at an argument that is 0 all over the subspace the theorem holds for every value of sigma'(0). The gradient is then what the chain rule
    gives with that value. The first part of this file is SPECIFICATION: it defines that gradient. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Leaves Parities Nodewise Samples.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** SPECIFICATION: the chain rule with chosen slopes *)
Section Tangent.
Variable m : model.
Variable sigma : text -> R -> R.
(** [slope f k z]: the value that is taken for the derivative of the k-th derivative of f at z *)
Variable slope : text -> N -> R -> R.
Variables theta x dtheta : vec.
(** the product rule over the factors of one product *)
Fixpoint dprod (v w : N -> arr) (ops : list (N * (text * list N))) (e : env) : R :=
  match ops with
  | [] => 0
  | (a, (t, s)) :: l =>
    w a (flat t s e 0) * rprod (fun at_s => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) l + v a (flat t s e 0) * dprod v w l e
  end.
Definition node_tangent (v w : N -> arr) (n : node) : arr := fun i =>
  match n with
  | NParameter _ _ | NStack _ _ => entry dtheta (leaf_index m n i)
  | NInput _ _ | NConstant _ _ => 0
  | NAdd _ args => rsum (fun a => w a i) args
  | NContract s args terms out =>
    let shapes := List.map (shape_at m) args in
    sum_over (summed terms shapes out) (dprod v w (combine args (combine terms shapes))) (unflat out s i)
  | NGather _ a indices => match at_ indices i None with Some k => w a k | None => 0 end
  | NScatter _ a indices =>
    rsum (fun j => match at_ indices j None with Some k => if N.eqb k i then w a j else 0 | None => 0 end) (upto (size (shape_at m a)))
  | NApply _ a f k => slope f k (v a i) * w a i
  end.
Fixpoint run_tangent (nodes : list node) (k : N) (v w : N -> arr) : N -> arr :=
  match nodes with
  | [] => w
  | n :: l => run_tangent l (N.succ k) (fun j => if N.eqb j k then node_value m sigma theta x v n else v j)
                (fun j => if N.eqb j k then node_tangent v w n else w j)
  end.
Definition tangent : N -> arr := run_tangent (m_nodes m) 0%N (fun _ _ => 0) (fun _ _ => 0).
End Tangent.

(** the derivative of output [k, i] by parameter p, by the chain rule *)
Definition sensitivity (m : model) (sigma : text -> R -> R) (slope : text -> N -> R -> R) (theta x : vec) (k i p : N) : R :=
  tangent m sigma slope theta x (ebasis (N.succ_pos p)) (at_ (m_outputs m) k 0%N) i.
(** the derivative where there is one, any value where there is none *)
Definition slopes_of (sigma : text -> R -> R) (slope : text -> N -> R -> R) : Prop :=
  forall f k z, ex_derive (Derive_n (sigma f) (N.to_nat k)) z -> slope f k z = Derive (Derive_n (sigma f) (N.to_nat k)) z.
(** a piecewise function, taken itself *)
Definition kinked (m : model) (assumptions : list (text * assumption)) (f : text) : bool :=
  match find f assumptions, find f (m_activations m) with Some Itself, Some (Piecewise _ _) => true | _, _ => false end.
(** every other activation is differentiable *)
Definition differentiable (m : model) (assumptions : list (text * assumption)) (sigma : text -> R -> R) : Prop :=
  forall f d, In (f, d) (m_activations m) -> kinked m assumptions f = false -> forall z, ex_derive (sigma f) z.
(** the points the theorem is about: no argument of a piecewise function is 0, unless it is 0 all over the subspace *)
Definition considered (m : model) (assumptions : list (text * assumption)) (L : subspace) (sigma : text -> R -> R) (theta x : vec) : Prop :=
  forall k s a f o, nth_error (m_nodes m) k = Some (NApply s a f o) -> kinked m assumptions f = true -> forall i, (i < size s)%N ->
  value m sigma theta x a i <> 0 \/ forall theta' x', in_subspace L theta' -> value m sigma theta' x' a i = 0.
Definition invariant_with_slopes (m : model) (assumptions : list (text * assumption)) (L : subspace) (sigma : text -> R -> R) : Prop :=
  forall slope, slopes_of sigma slope -> forall theta, in_subspace L theta -> forall x, considered m assumptions L sigma theta x ->
  forall k i, output_entry m k i ->
  forall r, In r (s_rows L) -> rsum (fun e => Q2R (snd e) * sensitivity m sigma slope theta x k i (fst e)) (r_entries r) = 0.

(** ** The check: an argument whose sign is flipped before a piecewise function is not 0 all over the subspace *)
Definition flips (m : model) (assumptions : list (text * assumption)) (tabs : tables) : list (N * N) :=
  flat_map (fun n => match n with
    | NApply s a f _ =>
      if kinked m assumptions f then
        map (fun i => (a, i)) (filter (fun i => match look tabs a i with Some (_, t) => t | None => false end) (nrange (size s)))
      else []
    | _ => [] end) (m_nodes m).
(** what [check_slopes] computes for the tables of generators *)
Definition flips_nonzero (m : model) (assumptions : list (text * assumption)) (all : list tables) (L : subspace) : bool :=
  match flat_map (flips m assumptions) all with
  | [] => true
  | l => let ss := map (sample_of m assumptions L) [0; 1; 2]%N in forallb (shown_nonzero ss) l
  end.
Definition check_slopes (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : subspace) : bool :=
  (indices_ok m &&
  match all_equivariant m (parities m assumptions) gs with
  | Some all => flips_nonzero m assumptions all L
  | None => false
  end)%bool.

(** ** Soundness *)
Definition slope_parity (kinked : text -> bool) (known : text -> list fact) (slope : text -> N -> R -> R) : Prop :=
  forall f z, (kinked f = true -> z <> 0) ->
  (has (known f) Odd = true -> slope f 0%N (- z) = slope f 0%N z) /\
  (has (known f) Even = true -> slope f 0%N (- z) = - slope f 0%N z).

Section Step.
Variable m : model.
Variable known : text -> list fact.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Hypothesis Hk : known_ok known sigma.
Variable kinked : text -> bool.
Hypothesis Hs : slope_parity kinked known slope.
Variables dtheta dtheta' : vec.
Variable s0 : R.
Variable tabs : tables.
Variables v v' w w' : N -> arr.
Hypothesis Hv : forall k i p t, look tabs k i = Some (p, t) -> v' k i = sg t * v k p.
Hypothesis Hw : forall k i p t, look tabs k i = Some (p, t) -> w' k i = s0 * (sg t * w k p).

Lemma dprod_moved ops e e' : forall s u, factors_moved tabs ops e e' s = Some u -> sg s * dprod v' w' ops e = s0 * (sg u * dprod v w ops e').
Proof.
  induction ops as [|[a [term shape]] ops IH]; intros s u; cbn [factors_moved dprod].
  - intros _. ring.
  - destruct (look tabs a (flat term shape e 0)) as [[p t]|] eqn:El; [|easy].
    destruct (N.eqb_spec p (flat term shape e' 0)) as [->|]; [|easy]. intros H.
    assert (K := factors_moved_ok tabs v v' Hv ops e e' _ _ H). apply IH in H. rewrite (Hv _ _ _ _ El), (Hw _ _ _ _ El). rewrite sg_xorb in H, K.
    set (P' := rprod _ ops) in *. set (P := rprod _ ops) in * |- *.
    transitivity (s0 * w a (flat term shape e' 0) * (sg s * sg t * P') + v a (flat term shape e' 0) * (sg s * sg t * dprod v' w' ops e)); [ring|].
    rewrite H, K. ring.
Qed.

Lemma node_tangent_ok acts n own : node_rule m known tabs acts n own = true ->
  (is_leaf n -> forall i p t, nth_error own (N.to_nat i) = Some (p, t) -> entry dtheta' (leaf_index m n i) = s0 * (sg t * entry dtheta (leaf_index m n p))) ->
  (forall s a f o i p, n = NApply s a f o -> kinked f = true -> (i < size s)%N -> look tabs a i = Some (p, true) -> v' a i <> 0) ->
  forall i p t, nth_error own (N.to_nat i) = Some (p, t) ->
  node_tangent m slope dtheta' v' w' n i = s0 * (sg t * node_tangent m slope dtheta v w n p).
Proof.
  unfold node_rule. cbv zeta. intros H Hleaf Hflip i p t Hi. apply andb_prop in H as [HL H].
  assert (Hin := proj2 (in_numbered own i (p, t)) Hi).
  destruct n as [s name|s names|s name|s values|s args|s args terms out|s a ix|s a ix|s a f o]; cbn [shape_of is_leaf] in *; cbn [node_tangent].
  - now apply Hleaf.
  - now apply Hleaf.
  - ring.
  - ring.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite forallb_forall in H.
    rewrite <- !rsum_scal. apply rsum_ext. intros a Ha. apply Hw. now apply same_entry_ok, H.
  - apply andb_prop in H as [Ho H]. rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H.
    set (shapes := map (shape_at m) args) in *. set (letters := summed terms shapes out) in *. set (ops := combine args (combine terms shapes)) in *.
    rewrite !enumerate_ok.
    assert (Hp : Forall2 (fun o l => Permutation o (upto (snd l))) (map (order_of acts args terms) letters) letters).
    { apply same_list_ok in Ho. clear -Ho. induction Ho as [|o l lo ll H K IH]; constructor; [|exact IH].
      apply andb_prop in H as [H1 H2]. apply has_length_ok in H2. rewrite <- H2. now apply permutation_ok_spec. }
    rewrite <- (enumerate_by_ok letters _ Hp _ (unflat out s p)). clear Hp.
    apply same_list_ok in H. rewrite <- !rsum_scal.
    induction H as [|e e' l l' H K IH]; [reflexivity|]. unfold rsum in *. cbn [map fold_right]. rewrite IH. f_equal.
    destruct (factors_moved tabs ops e e' false) as [u|] eqn:Eu; [|easy]. apply eqb_prop in H as ->.
    apply dprod_moved in Eu. cbn [sg] in Eu. rewrite Rmult_1_l in Eu. exact Eu.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite !tabulate_ok in H. unfold at_.
    destruct (nth_error ix (N.to_nat i)) as [[k|]|] eqn:Ea; [| |easy]; (destruct (nth_error ix (N.to_nat p)) as [[k'|]|] eqn:Eb; [| |easy]); try easy;
      rewrite (nth_error_nth _ _ _ Ea), (nth_error_nth _ _ _ Eb); [|ring].
    apply Hw. now apply same_entry_ok.
  - apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4]. rewrite nrange_ok in *. rewrite forallb_forall in H4.
    set (n := size (shape_at m a)) in *.
    set (pa := fun j => match look tabs a j with Some (q, _) => q | None => 0%N end) in *.
    assert (Pa : Permutation (map pa (upto n)) (upto n)).
    { apply permutation_ok_spec in H3. now rewrite map_length, upto_length, N2Nat.id in H3. }
    rewrite <- (rsum_perm (fun j => match at_ ix j None with Some k => if N.eqb k p then w a j else 0 | None => 0 end) _ _ Pa), rsum_map, <- !rsum_scal.
    apply rsum_ext. intros j Hj. specialize (H4 j Hj).
    unfold pa. destruct (look tabs a j) as [[q u]|] eqn:El; [|easy]. rewrite !tabulate_ok in H4. unfold at_.
    destruct (nth_error ix (N.to_nat j)) as [[k|]|] eqn:Ea; [| |easy]; (destruct (nth_error ix (N.to_nat q)) as [[k'|]|] eqn:Eb; [| |easy]); try easy;
      rewrite (nth_error_nth _ _ _ Ea), (nth_error_nth _ _ _ Eb); [|ring].
    apply same_entry_ok in H4. rewrite tabulate_ok in H4.
    assert (Inj : N.eqb k i = N.eqb k' p).
    { apply eq_true_iff_eq. rewrite !N.eqb_eq. split; [intros ->; congruence|]. intros ->.
      apply permutation_ok_spec in H2. assert (ND : NoDup (map fst own)) by (eapply Permutation_NoDup; [symmetry; exact H2|apply upto_nodup]).
      assert (N.to_nat k = N.to_nat i); [|lia]. rewrite NoDup_nth_error in ND. apply ND.
      - rewrite map_length. apply nth_error_Some. congruence.
      - rewrite !nth_error_map, H4, Hi. reflexivity. }
    cbv beta iota. rewrite Inj. destruct (N.eqb_spec k' p) as [->|]; [|ring].
    apply N.eqb_eq in Inj as ->. rewrite Hi in H4. injection H4 as <-. now apply Hw.
  - apply andb_prop in H as [[H1 H2]%andb_prop H3]. apply N.eqb_eq in H1 as ->.
    rewrite forallb_forall in H2. specialize (H2 _ Hin). cbn [fst snd] in H2.
    destruct (look tabs a i) as [[q u]|] eqn:El; [|easy]. apply N.eqb_eq in H2 as ->. rewrite (Hv _ _ _ _ El), (Hw _ _ _ _ El).
    assert (G : forall good, signs_ok tabs a (numbered own) good = true -> good u t = true).
    { intros good Hg. unfold signs_ok in Hg. rewrite forallb_forall in Hg. specialize (Hg _ Hin). cbn [fst snd] in Hg. now rewrite El in Hg. }
    assert (Hz : u = true -> kinked f = true -> v a p <> 0).
    { intros -> Hkf Z. apply (Hflip s a f 0%N i p eq_refl Hkf); [|exact El|].
      - apply has_length_ok in HL. assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia.
      - rewrite (Hv _ _ _ _ El), Z. ring. }
    apply orb_prop in H3 as [[H3|H3]%orb_prop|H3].
    + apply andb_prop in H3 as [Hf Hg]. apply G, eqb_prop in Hg as ->. destruct t; cbn [sg]; [|rewrite Rmult_1_l; ring].
      replace (-1 * v a p) with (- v a p) by ring. rewrite (proj1 (Hs f (v a p) (Hz eq_refl)) Hf). ring.
    + apply andb_prop in H3 as [Hf Hg]. apply G, negb_true_iff in Hg as ->. cbn [sg]. destruct u; cbn [sg]; [|rewrite Rmult_1_l; ring].
      replace (-1 * v a p) with (- v a p) by ring. rewrite (proj2 (Hs f (v a p) (Hz eq_refl)) Hf). ring.
    + apply G in H3. apply andb_prop in H3 as [A1 A2]. apply negb_true_iff in A1 as ->. apply negb_true_iff in A2 as ->. cbn [sg]. rewrite Rmult_1_l. ring.
Qed.
End Step.

(** *** All nodes *)
Section Nodes.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Hypothesis Hk : known_ok known sigma.
Variable kinked : text -> bool.
Hypothesis Hs : slope_parity kinked known slope.
Variables theta theta' x x' dtheta dtheta' : vec.
Variable s0 : R.
Lemma nodes_rule_tangents : forall l k tabs tabs' v v' w w', nodes_rule m known g extra l k tabs = Some tabs' ->
  (forall j n, nth_error l j = Some n -> is_given n -> forall own, flat_action (shape_of n) (acts_of m g extra n (k + N.of_nat j)) = Some own ->
     forall i p t, nth_error own (N.to_nat i) = Some (p, t) ->
     given_value m theta' x' n i = sg t * given_value m theta x n p /\
     (is_leaf n -> entry dtheta' (leaf_index m n i) = s0 * (sg t * entry dtheta (leaf_index m n p)))) ->
  (forall j i, look tabs j i <> None -> (j < k)%N) ->
  (forall j s a f o i p, nth_error l j = Some (NApply s a f o) -> kinked f = true -> (i < size s)%N -> look tabs' a i = Some (p, true) ->
     run m sigma theta' x' l k v' a i <> 0) ->
  (forall j i p t, look tabs j i = Some (p, t) -> v' j i = sg t * v j p) ->
  (forall j i p t, look tabs j i = Some (p, t) -> w' j i = s0 * (sg t * w j p)) ->
  forall j i p t, look tabs' j i = Some (p, t) ->
  run_tangent m sigma slope theta' x' dtheta' l k v' w' j i = s0 * (sg t * run_tangent m sigma slope theta x dtheta l k v w j p).
Proof.
  induction l as [|n l IH]; cbn [nodes_rule run run_tangent]; intros k tabs tabs' v v' w w' H Hl Hd Hf Hv Hw.
  - injection H as <-. exact Hw.
  - destruct (flat_action (shape_of n) (acts_of m g extra n k)) as [own|] eqn:Ef; [|easy].
    destruct (node_rule m known tabs _ n own) eqn:Er; [|easy].
    destruct (nodes_rule_tables m known g extra _ _ _ _ H) as [Old _].
    apply (IH (N.succ k) _ tabs' (fun j => if N.eqb j k then node_value m sigma theta x v n else v j)
      (fun j => if N.eqb j k then node_value m sigma theta' x' v' n else v' j)
      (fun j => if N.eqb j k then node_tangent m slope dtheta v w n else w j)
      (fun j => if N.eqb j k then node_tangent m slope dtheta' v' w' n else w' j) H).
    + intros j n' Hn Hleaf own'. replace (N.succ k + N.of_nat j)%N with (k + N.of_nat (S j))%N by lia. now apply Hl.
    + intros j i. rewrite look_add. destruct (N.eqb_spec j k); [lia|]. intros K. specialize (Hd j i K). lia.
    + intros j s a f o i p Hj. exact (Hf (S j) s a f o i p Hj).
    + intros j i p t. rewrite look_add. destruct (N.eqb_spec j k) as [->|D]; [|apply Hv].
      apply (node_rule_ok m known sigma Hk theta theta' x x' tabs v v' Hv _ n own Er).
      intros Hleaf i0 p0 t0 H0. apply (Hl 0%nat n eq_refl Hleaf own); [now rewrite N.add_0_r|exact H0].
    + intros j i p t. rewrite look_add. destruct (N.eqb_spec j k) as [->|D]; [|apply Hw].
      apply (node_tangent_ok m known slope kinked Hs dtheta dtheta' s0 tabs v v' w w' Hv Hw _ n own Er).
      * intros Hleaf i0 p0 t0 H0. apply (Hl 0%nat n eq_refl) with (own := own); [now destruct n|now rewrite N.add_0_r|exact H0|exact Hleaf].
      * intros s a f o i0 p0 -> Hkf Hi0 Hlook. assert (Ha := Hd a i0 ltac:(congruence)).
        assert (Hlook' : look tabs' a i0 = Some (p0, true)).
        { rewrite Old by lia. rewrite look_add. destruct (N.eqb_spec a k); [lia|exact Hlook]. }
        specialize (Hf 0%nat s a f o i0 p0 eq_refl Hkf Hi0 Hlook'). rewrite run_old in Hf by lia.
        destruct (N.eqb_spec a k); [lia|exact Hf].
Qed.
End Nodes.

Section Generator.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Variable tabs : tables.
Hypothesis Hc : check_moving m known g extra = Some tabs.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Hypothesis Hk : known_ok known sigma.
Variable kinked : text -> bool.
Hypothesis Hs : slope_parity kinked known slope.

(** tangents move with the parameters, their direction and the inputs *)
Lemma moved_tangent theta theta' x x' dtheta dtheta' s0 : moves m g theta theta' ->
  (forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> forall i p t, look tabs (N.of_nat k) i = Some (p, t) ->
     entry dtheta' (leaf_index m n i) = s0 * (sg t * entry dtheta (leaf_index m n p))) ->
  (forall k s name, nth_error (m_nodes m) k = Some (NInput s name) -> forall i p t, look tabs (N.of_nat k) i = Some (p, t) ->
     entry x' (offset (m_inputs m) name + i) = sg t * entry x (offset (m_inputs m) name + p)) ->
  (forall j s a f o i p, nth_error (m_nodes m) j = Some (NApply s a f o) -> kinked f = true -> (i < size s)%N -> look tabs a i = Some (p, true) ->
     value m sigma theta' x' a i <> 0) ->
  forall k i p t, look tabs k i = Some (p, t) ->
  tangent m sigma slope theta' x' dtheta' k i = s0 * (sg t * tangent m sigma slope theta x dtheta k p).
Proof.
  intros H Hd Hx Hflip. destruct (checked m known g extra tabs Hc) as (C1 & _). rewrite (moves_iff m known g extra tabs Hc) in H.
  destruct (nodes_rule_tables m known g extra _ _ _ _ C1) as [_ Own].
  apply (nodes_rule_tangents m known g extra sigma slope Hk kinked Hs theta theta' x x' dtheta dtheta' s0
    (m_nodes m) 0%N (PM.empty _) tabs (fun _ _ => 0) (fun _ _ => 0)); [exact C1| | |exact Hflip| |].
  - intros j n' Hn' Hg own Hown i' p' t' Hi'. destruct (Own j n' Hn') as (own' & F1 & F3). cbn [N.add] in *.
    assert (Hl : look tabs (N.of_nat j) i' = Some (p', t')) by (rewrite F3; congruence).
    split; [|intros Hleaf; now apply (Hd j n' Hn' Hleaf)].
    destruct n'; try easy; cbn [given_value]; [now apply (H j _ Hn' I)|now apply (H j _ Hn' I)|now apply (Hx j _ _ Hn')].
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - unfold look, get_t. intros j i' p' t'. rewrite PM.gempty. discriminate.
  - unfold look, get_t. intros j i' p' t'. rewrite PM.gempty. discriminate.
Qed.

Hypothesis He : ends_fixed m tabs = true.
Lemma fixed_sensitivity theta x : moves m g theta theta ->
  (forall j s a f o i p, nth_error (m_nodes m) j = Some (NApply s a f o) -> kinked f = true -> (i < size s)%N -> look tabs a i = Some (p, true) ->
     value m sigma theta x a i <> 0) ->
  forall k i, output_entry m k i ->
  let grad := fun j => sensitivity m sigma slope theta x k i (Pos.pred_N j) in moves m g grad grad.
Proof.
  intros Hth Hflip k i Hki grad. destruct (leaves m known g extra tabs Hc) as (L1 & L2 & L3 & L4 & _).
  apply permutation_ok_spec in L1, L3.
  assert (ND1 : NoDup (map fst (leaf_moves m tabs))) by (eapply Permutation_NoDup; [symmetry; exact L1|apply upto_nodup]).
  assert (ND3 : NoDup (map (fun e => fst (snd e)) (leaf_moves m tabs))) by (eapply Permutation_NoDup; [symmetry; exact L3|apply upto_nodup]).
  rewrite (moves_iff_list m known g extra tabs Hc). intros q p t Hin. unfold grad, entry. rewrite !N.pos_pred_succ. unfold sensitivity.
  transitivity (sg t * (sg false * tangent m sigma slope theta x (ebasis (N.succ_pos p)) (at_ (m_outputs m) k 0%N) i)); [|cbn [sg]; ring].
  apply (moved_tangent theta theta x x (ebasis (N.succ_pos p)) (ebasis (N.succ_pos q)) (sg t) Hth); [| |exact Hflip|now apply (output_still m tabs)].
  - intros j n' Hn' Hleaf i' p' t' Hlook.
    assert (Hin' := in_leaf_moves m known g extra tabs Hc j n' i' p' t' Hn' Hleaf Hlook).
    unfold entry, ebasis. destruct (Pos.eqb_spec (N.succ_pos (leaf_index m n' i')) (N.succ_pos q)) as [E|E].
    + apply succ_pos_inj in E. assert (X := unique_by fst _ ND1 _ _ Hin' Hin E). injection X as _ E2 E3. rewrite E2, E3, Pos.eqb_refl.
      rewrite Rmult_1_r. now rewrite sg_sg.
    + destruct (Pos.eqb_spec (N.succ_pos (leaf_index m n' p')) (N.succ_pos p)) as [E2|E2]; [|ring].
      apply succ_pos_inj in E2. assert (X := unique_by (fun e : N * (N * bool) => fst (snd e)) _ ND3 _ _ Hin' Hin E2). injection X as E3 _ _. now rewrite E3 in E.
  - intros j s name Hn i' p' t' Hl. destruct (input_still m known g extra tabs Hc He j s name i' p' t' Hn Hl) as [-> ->]. cbn [sg]. ring.
Qed.
End Generator.

(** *** Parities of the slopes *)
Lemma derive_odd s z : (forall t, s (- t) = - s t) -> ex_derive s (- z) -> Derive s (- z) = Derive s z.
Proof.
  intros H D. assert (E : Derive (fun u => - s u) z = Derive (fun u => s (- u)) z) by (apply Derive_ext; intros; now rewrite H).
  rewrite Derive_opp in E. rewrite (Derive_comp s (fun u => - u)) in E; [|exact D|auto_derive; exact I].
  rewrite (Derive_opp (fun u => u)), Derive_id in E. lra.
Qed.
Lemma derive_even s z : (forall t, s (- t) = s t) -> ex_derive s (- z) -> Derive s (- z) = - Derive s z.
Proof.
  intros H D. assert (E : Derive s z = Derive (fun u => s (- u)) z) by (apply Derive_ext; intros; now rewrite H).
  rewrite (Derive_comp s (fun u => - u)) in E; [|exact D|auto_derive; exact I].
  rewrite (Derive_opp (fun u => u)), Derive_id in E. lra.
Qed.
Lemma kink_slope s t z : z <> 0 -> ex_derive (fun u => if Rle_dec 0 u then t * u else s * u) z.
Proof.
  intros Hz. destruct (Rle_dec 0 z) as [H|H].
  - apply (ex_derive_ext_loc (fun u => t * u)); [|apply ex_derive_scal, ex_derive_id].
    apply (locally_interval _ z 0 p_infty); cbn; [lra|exact I|]. intros u Hu _. destruct (Rle_dec 0 u); [reflexivity|]. cbn in Hu. lra.
  - apply (ex_derive_ext_loc (fun u => s * u)); [|apply ex_derive_scal, ex_derive_id].
    apply (locally_interval _ z m_infty 0); cbn; [exact I|lra|]. intros u _ Hu. destruct (Rle_dec 0 u); [|reflexivity]. cbn in Hu. lra.
Qed.
Lemma slopes_parity m assumptions sigma slope : admissible m assumptions sigma -> differentiable m assumptions sigma -> slopes_of sigma slope ->
  slope_parity (kinked m assumptions) (parities m assumptions) slope.
Proof.
  intros Ha Hd Hs f z Hz. destruct (parities_ok m assumptions sigma Ha f) as [K1 K2].
  assert (D : forall h, has (parities m assumptions f) h = true -> ex_derive (sigma f) z /\ ex_derive (sigma f) (- z)).
  { intros h H. destruct (find f (m_activations m)) as [d|] eqn:Ed;
      [|unfold parities, known_of in H; rewrite Ed in H; destruct (find f assumptions) as [[|l]|]; discriminate H]. assert (Hin := find_in _ _ _ Ed).
    destruct (kinked m assumptions f) eqn:Ek.
    - specialize (Hz eq_refl). unfold kinked in Ek. rewrite Ed in Ek. specialize (Ha f d Hin).
      destruct (find f assumptions) as [[|l]|]; [|easy|easy]. destruct d as [c|c|s t|n]; try easy. destruct Ha as (g & Hg & E). injection Hg as <-.
      split; (eapply ex_derive_ext; [intros u; symmetry; apply E|apply kink_slope]); lra.
    - split; apply (Hd f d Hin Ek). }
  split; intros H; destruct (D _ H) as [D1 D2]; rewrite !Hs by (cbn [N.to_nat Derive_n]; assumption); cbn [N.to_nat Derive_n].
  - apply derive_odd; [now apply K1|exact D2].
  - apply derive_even; [now apply K2|exact D2].
Qed.
Lemma shown_nonzero_ok m assumptions sigma L attempts a i : admissible m assumptions sigma ->
  shown_nonzero (map (sample_of m assumptions L) attempts) (a, i) = true ->
  exists theta x, in_subspace L theta /\ value m sigma theta x a i <> 0.
Proof.
  intros Ha H. apply (shown_nonzero_at m assumptions sigma L (fun k => spread_table (k + 7) (inputs_size m)) attempts a i Ha) in H as (k & theta & H).
  now exists theta, (real (spread_table (k + 7) (inputs_size m))).
Qed.

Lemma flips_in m assumptions t j s a f o i p : nth_error (m_nodes m) j = Some (NApply s a f o) -> kinked m assumptions f = true -> (i < size s)%N ->
  look t a i = Some (p, true) -> In (a, i) (flips m assumptions t).
Proof.
  intros Hj Hkf Hi Hlook. unfold flips. apply in_flat_map. exists (NApply s a f o). split; [now apply nth_error_In in Hj|]. rewrite Hkf.
  apply in_map. apply filter_In. rewrite nrange_ok. split; [now apply in_upto|]. now rewrite Hlook.
Qed.

Lemma flips_shown m assumptions sigma L all : admissible m assumptions sigma -> flips_nonzero m assumptions all L = true ->
  forall tabs ai, In tabs all -> In ai (flips m assumptions tabs) -> exists theta x, in_subspace L theta /\ value m sigma theta x (fst ai) (snd ai) <> 0.
Proof.
  intros Ha H tabs [a j] Ht Hai. assert (Hin : In (a, j) (flat_map (flips m assumptions) all)) by (apply in_flat_map; eauto).
  unfold flips_nonzero in H. destruct (flat_map (flips m assumptions) all) as [|ai0 l]; [easy|]. rewrite forallb_forall in H. specialize (H _ Hin).
  exact (shown_nonzero_ok m assumptions sigma L _ a j Ha H).
Qed.
Lemma fixed_with_slopes m assumptions gs all L sigma : fixed_space_is m (map fst gs) L -> all_checked m (parities m assumptions) gs = Some all ->
  admissible m assumptions sigma -> differentiable m assumptions sigma ->
  (forall tabs ai, In tabs all -> In ai (flips m assumptions tabs) -> exists theta x, in_subspace L theta /\ value m sigma theta x (fst ai) (snd ai) <> 0) ->
  invariant_with_slopes m assumptions L sigma.
Proof.
  intros HF Ea Ha Hd Shown slope Hs theta Hth x Hx k i Hki. apply checked_followed in Ea as [Ea He].
  intros r Hin. transitivity (row_of r (fun j => sensitivity m sigma slope theta x k i (Pos.pred_N j))).
  { unfold row_of. apply rsum_ext. intros [p q] _. cbn [fst snd]. unfold entry. now rewrite N.pos_pred_succ. }
  apply (fixed_direction m (map fst gs) L _ HF); [|exact Hin]. intros g Hg. destruct (each_followed _ _ _ _ Ea g Hg) as (e & t & _ & Hall & Ht).
  apply (fixed_sensitivity m (parities m assumptions) g e t Ht sigma slope (parities_ok m assumptions sigma Ha) (kinked m assumptions)
    (slopes_parity m assumptions sigma slope Ha Hd Hs) (He t Hall)); [now apply HF| |exact Hki].
  intros j s a f o i' p Hj Hkf Hi' Hlook. destruct (Hx j s a f o Hj Hkf i' Hi') as [E|E]; [exact E|]. exfalso.
  destruct (Shown t (a, i') Hall) as (th & y & H1 & H2); [|apply H2; now apply E].
  now apply (flips_in m assumptions t j s a f o i' p).
Qed.

(** The fixed space is invariant also where the argument of a piecewise function is 0 all over it, whatever slope is taken there. *)
Theorem check_slopes_sound m assumptions gs L : fixed_space_is m (map fst gs) L -> check_slopes m assumptions gs L = true ->
  forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma.
Proof.
  intros HF H sigma Ha Hd. unfold check_slopes in H. apply andb_prop in H as [Hi H].
  destruct (all_equivariant m (parities m assumptions) gs) as [all|] eqn:Ea; [|easy].
  apply (fixed_with_slopes m assumptions gs all L sigma HF); [now apply all_equivariant_ok|exact Ha|exact Hd|].
  intros tabs ai Ht Hai. exact (flips_shown m assumptions sigma L all Ha H tabs ai Ht Hai).
Qed.
