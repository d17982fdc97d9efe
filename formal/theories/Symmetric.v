(** * Symmetries, their fixed spaces, and invariance of fixed spaces. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** The parities that the claim gives *)
Definition known_of (m : model) (assumptions : list (text * assumption)) (f : text) : list fact :=
  match find f (m_activations m), find f assumptions with
  | Some _, Some (Facts l) => l
  | Some (Polynomial c), Some Itself => own_facts (Polynomial c)
  | Some (Piecewise s t), Some Itself => (if qeqb s t then [Odd] else []) ++ (if qeqb s (qopp t) then [Even] else [])
  | _, _ => []
  end.
Lemma known_of_ok m assumptions sigma : admissible m assumptions sigma -> known_ok (known_of m assumptions) sigma.
Proof.
  intros Ha f. unfold known_of. destruct (find f (m_activations m)) as [d|] eqn:Ed; [|split; discriminate].
  specialize (Ha f d (find_in _ _ _ Ed)). destruct (find f assumptions) as [[|l]|] eqn:Ea; [| |now destruct d].
  2:{ assert (G : (has l Odd = true -> forall t, sigma f (- t) = - sigma f t) /\ (has l Even = true -> forall t, sigma f (- t) = sigma f t));
        [|destruct d; exact G].
      split; intros H; [apply (Ha Odd)|apply (Ha Even)]; now apply has_ok. }
  destruct Ha as (g & Hg & Hs). destruct d as [c|c|s t|n]; cbn [function_of] in Hg; try (split; discriminate); injection Hg as <-.
  - split; intros H; [apply (polynomial_facts_ok c (sigma f) Hs Odd H)|apply (polynomial_facts_ok c (sigma f) Hs Even H)].
  - assert (Z : forall (b : bool) (x h : fact), has (if b then [x] else []) h = true -> b = true /\ h = x).
    { intros b x h. destruct b; simpl; [|easy]. rewrite orb_false_r. intros E. split; [reflexivity|destruct h, x; easy]. }
    split; intros H z; unfold has in H; rewrite existsb_app in H; apply orb_prop in H as [H|H]; apply Z in H as [H K]; try discriminate K;
      apply qeqb_ok in H; rewrite !Hs; rewrite ?qopp_ok in H.
    + rewrite H. destruct (Rle_dec 0 (- z)), (Rle_dec 0 z); ring.
    + rewrite H. destruct (Rle_dec 0 (- z)), (Rle_dec 0 z); try ring; try lra. assert (z = 0) as -> by lra. ring.
Qed.

(** ** A checked generator *)
Lemma upd_self (u : vec) j : upd u j (u j) = u.
Proof. apply functional_extensionality. apply upd_same. Qed.
Lemma moves_table_ok : forall l i, match get_t (moves_table l) i with
  | Some v => In (i, v) l | None => ~ In i (map fst l) end.
Proof.
  unfold moves_table. assert (G : forall (l : list (N * (N * bool))) t i, match get_t (fold_left (fun t e => PM.add (N.succ_pos (fst e)) (snd e) t) l t) i with
    | Some v => In (i, v) l \/ get_t t i = Some v | None => ~ In i (map fst l) /\ get_t t i = None end).
  { induction l as [|[j w] l IH]; cbn [fold_left map fst snd]; intros t i.
    - destruct (get_t t i); auto.
    - specialize (IH (PM.add (N.succ_pos j) w t) i). destruct (get_t (fold_left _ l _) i) as [v|].
      + destruct IH as [IH|IH]; [left; now right|]. unfold get_t in *. destruct (N.eq_dec i j) as [->|D].
        * rewrite PM.gss in IH. injection IH as ->. left; now left.
        * rewrite PM.gso in IH by (intros K; apply D; now apply succ_pos_inj). now right.
      + destruct IH as [I1 I2]. unfold get_t in *. destruct (N.eq_dec i j) as [->|D]; [rewrite PM.gss in I2; discriminate|].
        rewrite PM.gso in I2 by (intros K; apply D; now apply succ_pos_inj). split; [|exact I2]. intros [K|K]; [now subst|easy]. }
  intros l i. specialize (G l (PM.empty _) i). destruct (get_t _ i); unfold get_t in G; rewrite PM.gempty in G.
  - now destruct G.
  - apply G.
Qed.

Lemma succ_pos_surj j : exists p, j = N.succ_pos p.
Proof.
  exists (Pos.pred_N j). assert (H := N.succ_pos_spec (Pos.pred_N j)). rewrite N.pos_pred_spec in H. lia.
Qed.

Section Generator.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Variable tabs : tables.
Hypothesis Hc : check_moving m known g extra = Some tabs.

Lemma checked : nodes_rule m known g extra (m_nodes m) 0 (PM.empty _) = Some tabs /\ leaves_ok m tabs = true.
Proof.
  revert Hc. unfold check_moving. destruct (nodes_rule _ _ _ _ _ _ _) as [t|]; [|easy]. destruct (leaves_ok m t) eqn:E; [|easy]. intros [= <-]. auto.
Qed.
Lemma leaf_table k n : nth_error (m_nodes m) k = Some n -> is_leaf n ->
  exists own, flat_action (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) (N.of_nat k)) = Some own /\
    N.of_nat (length own) = size (shape_of n) /\ forall i, look tabs (N.of_nat k) i = nth_error own (N.to_nat i).
Proof.
  intros Hn Hl. destruct checked as (C1 & _). destruct (nodes_rule_tables m known g extra _ _ _ _ C1) as [_ H].
  destruct (H k n Hn) as (own & F1 & F2). exists own. unfold acts_of in F1.
  assert (leaf_b n = true) as E by now destruct n. rewrite E in F1. split; [exact F1|]. split; [|exact F2].
  now apply (flat_action_ok _ _ _ F1).
Qed.
Lemma moves_iff theta theta' : moves m g theta theta' <->
  forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> forall i p t, look tabs (N.of_nat k) i = Some (p, t) ->
  entry theta' (leaf_index m n i) = sg t * entry theta (leaf_index m n p).
Proof.
  assert (G : forall k n own i p t, nth_error (m_nodes m) k = Some n -> is_leaf n ->
    flat_action (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) (N.of_nat k)) = Some own ->
    nth_error own (N.to_nat i) = Some (p, t) ->
    rsum (fun j => kronecker (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) (N.of_nat k)) i j * entry theta (leaf_index m n j))
      (upto (size (shape_of n))) = sg t * entry theta (leaf_index m n p)).
  { intros k n own i p t Hn Hl F1 Hi. exact (flat_action_sum _ _ own i p t (fun j => entry theta (leaf_index m n j)) F1 Hi). }
  split.
  - intros H k n Hn Hl i p t Hlook. destruct (leaf_table k n Hn Hl) as (own & F1 & F2 & F3). rewrite F3 in Hlook.
    rewrite (H k n Hn Hl i); [now apply (G k n own)|].
    assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia.
  - intros H k n Hn Hl i Hi. destruct (leaf_table k n Hn Hl) as (own & F1 & F2 & F3).
    destruct (nth_error own (N.to_nat i)) as [[p t]|] eqn:Ei; [|apply nth_error_None in Ei; lia].
    rewrite (G k n own i p t Hn Hl F1 Ei). apply (H k n Hn Hl). now rewrite F3.
Qed.

(** every entry of a leaf stands in the list of moves *)
Lemma in_leaf_moves k n i p t : nth_error (m_nodes m) k = Some n -> is_leaf n -> look tabs (N.of_nat k) i = Some (p, t) ->
  In (leaf_index m n i, (leaf_index m n p, t)) (leaf_moves m tabs).
Proof.
  intros Hn Hl Hi. unfold leaf_moves. apply in_flat_map. exists (N.of_nat k, n). split; [apply in_numbered; now rewrite Nat2N.id|].
  cbn [fst snd]. assert (leaf_b n = true) as -> by now destruct n. rewrite nrange_ok. apply in_map_iff. exists i. rewrite Hi.
  split; [reflexivity|]. apply in_upto. destruct (leaf_table k n Hn Hl) as (own & _ & F2 & F3). rewrite F3 in Hi.
  assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia.
Qed.
Lemma leaf_moves_in e : In e (leaf_moves m tabs) -> exists k n i p t, nth_error (m_nodes m) k = Some n /\ is_leaf n /\
  look tabs (N.of_nat k) i = Some (p, t) /\ e = (leaf_index m n i, (leaf_index m n p, t)).
Proof.
  unfold leaf_moves. intros H. apply in_flat_map in H as ([k n] & Hn & H). cbn [fst snd] in H. apply in_numbered in Hn.
  destruct (leaf_b n) eqn:El; [|easy]. rewrite nrange_ok in H. apply in_map_iff in H as (i & <- & Hi). apply in_upto in Hi.
  assert (Hl : is_leaf n) by now destruct n.
  destruct (leaf_table _ n Hn Hl) as (own & F1 & F2 & F3). rewrite N2Nat.id in *.
  destruct (nth_error own (N.to_nat i)) as [[p t]|] eqn:Ei; [|apply nth_error_None in Ei; lia].
  exists (N.to_nat k), n, i, p, t. rewrite N2Nat.id, F3, Ei. repeat split; auto.
Qed.
Lemma moves_iff_list theta theta' : moves m g theta theta' <->
  forall q p t, In (q, (p, t)) (leaf_moves m tabs) -> entry theta' q = sg t * entry theta p.
Proof.
  rewrite moves_iff. split.
  - intros H q p t Hin. apply leaf_moves_in in Hin as (k & n & i & p0 & t0 & Hn & Hl & Hi & [= -> -> ->]). now apply (H k n).
  - intros H k n Hn Hl i p t Hi. apply H. now apply (in_leaf_moves k).
Qed.

Definition act (theta : vec) : vec := fun i =>
  match PM.find i (moves_table (leaf_moves m tabs)) with Some (p, t) => sg t * entry theta p | None => theta i end.
Lemma leaves : permutation_ok (map fst (leaf_moves m tabs)) = true /\ N.of_nat (length (leaf_moves m tabs)) = dimension m /\
  permutation_ok (map (fun e => fst (snd e)) (leaf_moves m tabs)) = true /\
  (forall q p t, In (q, (p, t)) (leaf_moves m tabs) -> get_t (moves_table (leaf_moves m tabs)) q = Some (p, t)) /\
  forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n ->
    Permutation (map (fun i => match look tabs (N.of_nat k) i with Some (p, _) => p | None => 0%N end) (upto (size (shape_of n)))) (upto (size (shape_of n))).
Proof.
  destruct checked as (_ & H). unfold leaves_ok in H. cbv zeta in H.
  apply andb_prop in H as [[[[H1 H2]%andb_prop H3]%andb_prop H4]%andb_prop H5].
  split; [exact H1|]. split; [now apply has_length_ok|]. split; [exact H3|]. split.
  - intros q p t Hin. rewrite forallb_forall in H4. apply (same_entry_ok _ p t). exact (H4 _ Hin).
  - intros k n Hn Hl. rewrite forallb_forall in H5. specialize (H5 (N.of_nat k, n)). cbn [fst snd] in H5.
    assert (leaf_b n = true) as E by now destruct n. rewrite E in H5. cbn [negb orb] in H5.
    assert (HI : In (N.of_nat k, n) (numbered (m_nodes m))) by (apply in_numbered; now rewrite Nat2N.id).
    rewrite nrange_ok in H5. assert (X := H5 HI).
    apply permutation_ok_spec in X. now rewrite map_length, upto_length, N2Nat.id in X.
Qed.
Lemma act_moves theta : moves m g theta (act theta).
Proof.
  apply moves_iff_list. intros q p t Hin. destruct leaves as (_ & _ & _ & L & _). specialize (L q p t Hin).
  unfold entry at 1, act. unfold get_t in L. now rewrite L.
Qed.
Lemma act_norm theta theta' : moves m g theta theta' -> forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n ->
  squared_norm m n theta' = squared_norm m n theta.
Proof.
  intros H k n Hn Hl. rewrite moves_iff in H. destruct leaves as (_ & _ & _ & _ & L). specialize (L k n Hn Hl).
  unfold squared_norm. rewrite <- (rsum_perm (fun i => entry theta (leaf_index m n i) * entry theta (leaf_index m n i)) _ _ L), rsum_map. apply rsum_ext. intros i Hi. apply in_upto in Hi.
  destruct (leaf_table k n Hn Hl) as (own & F1 & F2 & F3).
  destruct (look tabs (N.of_nat k) i) as [[p t]|] eqn:Ei.
  - rewrite (H k n Hn Hl i p t Ei). transitivity (sg t * sg t * (entry theta (leaf_index m n p) * entry theta (leaf_index m n p))); [ring|].
    rewrite sg_sg. ring.
  - rewrite F3 in Ei. apply nth_error_None in Ei. lia.
Qed.

Variable sigma : text -> R -> R.
Hypothesis Hk : known_ok known sigma.
(** wherever the inputs move by the tables of their nodes, so do all values *)
Lemma moved_value theta theta' x x' : moves m g theta theta' ->
  (forall k s name, nth_error (m_nodes m) k = Some (NInput s name) -> forall i p t, look tabs (N.of_nat k) i = Some (p, t) ->
     entry x' (offset (m_inputs m) name + i) = sg t * entry x (offset (m_inputs m) name + p)) ->
  forall k i p t, look tabs k i = Some (p, t) -> value m sigma theta' x' k i = sg t * value m sigma theta x k p.
Proof.
  intros H Hx. destruct checked as (C1 & _). rewrite moves_iff in H. destruct (nodes_rule_tables m known g extra _ _ _ _ C1) as [_ Own].
  apply (nodes_rule_values m known g extra sigma theta theta' x x' Hk (m_nodes m) 0%N (PM.empty _) tabs (fun _ _ => 0) (fun _ _ => 0) C1).
  - intros j n' Hn' Hg own Hown i' p' t' Hi'. destruct (Own j n' Hn') as (own' & F1 & F3). cbn [N.add] in *.
    assert (Hl : look tabs (N.of_nat j) i' = Some (p', t')) by (rewrite F3; congruence).
    destruct n'; try easy; cbn [given_value]; [now apply (H j _ Hn' I)|now apply (H j _ Hn' I)|now apply (Hx j _ _ Hn')].
  - unfold look, get_t. intros j i' p' t'. rewrite PM.gempty. discriminate.
Qed.

(** from here on inputs and outputs stay *)
Hypothesis He : ends_fixed m tabs = true.
Lemma output_still k i : output_entry m k i -> look tabs (at_ (m_outputs m) k 0%N) i = Some (i, false).
Proof.
  intros (n & Hn & Hi). unfold at_. rewrite (nth_error_nth _ _ _ Hn). unfold ends_fixed in He. apply andb_prop in He as [_ C2].
  unfold output_fixed in C2. rewrite forallb_forall in C2. specialize (C2 n (nth_error_In _ _ Hn)). unfold entries_fixed in C2. rewrite forallb_forall in C2.
  apply same_entry_ok, C2. rewrite nrange_ok. now apply in_upto.
Qed.
Lemma input_still k s name i p t : nth_error (m_nodes m) k = Some (NInput s name) -> look tabs (N.of_nat k) i = Some (p, t) -> p = i /\ t = false.
Proof.
  intros Hn Hl. unfold ends_fixed in He. apply andb_prop in He as [C2 _]. unfold input_fixed in C2. rewrite forallb_forall in C2.
  assert (HI : In (N.of_nat k, NInput s name) (numbered (m_nodes m))) by (apply in_numbered; now rewrite Nat2N.id).
  specialize (C2 _ HI). cbn [fst snd] in C2. unfold entries_fixed in C2. rewrite forallb_forall in C2.
  destruct checked as (C1 & _). destruct (nodes_rule_tables m known g extra _ _ _ _ C1) as [_ Own].
  destruct (Own k _ Hn) as (own & F1 & F3). cbn [N.add shape_of] in *. apply flat_action_ok in F1 as [F1 _].
  assert (K : same_entry (look tabs (N.of_nat k) i) i false = true).
  { apply C2. rewrite nrange_ok. apply in_upto. rewrite F3 in Hl. assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia. }
  apply same_entry_ok in K. rewrite K in Hl. now injection Hl as <- <-.
Qed.
Lemma act_output theta theta' : moves m g theta theta' -> forall x k i, output_entry m k i -> F m sigma x k i theta' = F m sigma x k i theta.
Proof.
  intros H x k i Hki. unfold F. rewrite (moved_value theta theta' x x H) with (p := i) (t := false); [cbn [sg]; ring| |now apply output_still].
  intros j s name Hn i' p t Hl. destruct (input_still j s name i' p t Hn Hl) as [-> ->]. cbn [sg]. ring.
Qed.

Theorem equivariance_symmetry : symmetry_for m g sigma.
Proof.
  split; [intros theta; exists (act theta); apply act_moves|]. intros theta theta' H. split; [now apply act_norm|].
  intros x k i. now apply act_output.
Qed.

Theorem equivariance_derive theta x : regular m sigma theta x -> forall k i, output_entry m k i -> gradient_exists m (F m sigma x k i) theta.
Proof.
  intros Hr k i Hki p _. destruct checked as (C1 & _). assert (Hl := output_still k i Hki). unfold ex_partial, F, value.
  apply (nodes_rule_derive m known g extra sigma (fun t => upd theta (N.succ_pos p) t) x (theta (N.succ_pos p))) with (tabs := PM.empty _) (tabs' := tabs) (v := fun _ _ _ => 0).
  - intros q. unfold entry. eexists. apply is_derive_upd.
  - exact C1.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite upd_self. exact Hr.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite Hl. discriminate.
Qed.

(** the gradient is fixed by g wherever theta is *)
Theorem equivariance_gradient f theta : (forall u u', moves m g u u' -> f u' = f u) -> gradient_exists m f theta -> moves m g theta theta ->
  let grad := fun i => partial f i theta in moves m g grad grad.
Proof.
  intros Hf Hd Hth grad. destruct leaves as (L1 & L2 & L3 & L4 & _).
  apply permutation_ok_spec in L1, L3. rewrite map_length, L2 in L1, L3.
  assert (ND1 : NoDup (map fst (leaf_moves m tabs))) by (eapply Permutation_NoDup; [symmetry; exact L1|apply upto_nodup]).
  assert (ND3 : NoDup (map (fun e => fst (snd e)) (leaf_moves m tabs))) by (eapply Permutation_NoDup; [symmetry; exact L3|apply upto_nodup]).
  assert (Uniq : forall (h : N * (N * bool) -> N) l, NoDup (map h l) -> forall a b, In a l -> In b l -> h a = h b -> a = b).
  { clear. intros h l. induction l as [|c l IH]; cbn [map]; intros ND a b Ha Hb E; [easy|]. inversion ND; subst.
    destruct Ha as [->|Ha], Hb as [->|Hb]; auto.
    - exfalso. apply H1. rewrite E. now apply in_map.
    - exfalso. apply H1. rewrite <- E. now apply in_map. }
  rewrite moves_iff_list in *. intros q p t Hin.
  assert (Hq : (q < dimension m)%N) by (apply in_upto; eapply Permutation_in; [exact L1|]; exact (in_map fst _ _ Hin)).
  assert (Hp : (p < dimension m)%N) by (apply in_upto; eapply Permutation_in; [exact L3|]; exact (in_map (fun e => fst (snd e)) _ _ Hin)).
  assert (K : forall z, act (upd theta (N.succ_pos p) z) = upd theta (N.succ_pos q) (sg t * z)).
  { intros z. apply functional_extensionality. intros j. unfold act.
    destruct (succ_pos_surj j) as [j0 Ej].
    assert (T := moves_table_ok (leaf_moves m tabs) j0). unfold get_t in T. rewrite <- Ej in T.
    destruct (PM.find j (moves_table (leaf_moves m tabs))) as [[p' t']|] eqn:Et.
    - assert (V := Hth _ _ _ T). unfold entry. unfold upd at 1. destruct (Pos.eqb_spec (N.succ_pos p') (N.succ_pos p)) as [E|E].
      + apply succ_pos_inj in E as ->. assert (X := Uniq _ _ ND3 _ _ T Hin eq_refl). injection X as E1 E2.
        unfold upd. rewrite Ej, E1, Pos.eqb_refl. now rewrite E2.
      + unfold upd. destruct (Pos.eqb_spec j (N.succ_pos q)) as [E2|E2].
        * exfalso. apply E. rewrite Ej in E2. apply succ_pos_inj in E2.
          assert (X := Uniq fst _ ND1 _ _ T Hin E2). injection X as _ E3 _. now rewrite E3.
        * rewrite Ej. exact (eq_sym V).
    - assert (Hj : ~ (j0 < dimension m)%N) by (intros Hj; apply T; eapply Permutation_in; [symmetry; exact L1|now apply in_upto]).
      unfold upd. destruct (Pos.eqb_spec j (N.succ_pos p)) as [E|E]; [exfalso; apply Hj; rewrite Ej in E; apply succ_pos_inj in E; now subst|].
      destruct (Pos.eqb_spec j (N.succ_pos q)) as [E2|E2]; [exfalso; apply Hj; rewrite Ej in E2; apply succ_pos_inj in E2; now subst|reflexivity]. }
  assert (V := Hth _ _ _ Hin). unfold entry, grad, partial in *.
  assert (D : Derive (fun z => f (upd theta (N.succ_pos p) z)) (theta (N.succ_pos p)) = sg t * Derive (fun z => f (upd theta (N.succ_pos q) z)) (theta (N.succ_pos q))).
  { rewrite (Derive_ext _ (fun z => f (upd theta (N.succ_pos q) (sg t * z)))).
    2:{ intros z. rewrite <- K. symmetry. apply Hf. apply act_moves. }
    rewrite V. apply is_derive_unique.
    replace (sg t * Derive (fun z => f (upd theta (N.succ_pos q) z)) (sg t * theta (N.succ_pos p)))
      with (scal (sg t) (Derive (fun z => f (upd theta (N.succ_pos q) z)) (sg t * theta (N.succ_pos p)))) by (unfold scal; simpl; unfold mult; simpl; ring).
    apply (is_derive_comp (fun z => f (upd theta (N.succ_pos q) z)) (fun z => sg t * z)).
    - rewrite <- V. apply Derive_correct. apply (Hd q Hq).
    - auto_derive; [exact I|ring]. }
  rewrite D. transitivity (sg t * sg t * Derive (fun z => f (upd theta (N.succ_pos q) z)) (theta (N.succ_pos q))); [rewrite sg_sg; ring|ring].
Qed.
End Generator.

(** ** Fixed spaces *)
Section Fixed.
Variable links : PM.t (N * bool).
Fixpoint root (fuel : nat) (p : N) (s : bool) : N * bool :=
  match fuel with
  | O => (p, s)
  | S k => match get_t links p with Some (q, t) => root k q (xorb s t) | None => (p, s) end
  end.
Lemma root_ok theta : (forall p q t, get_t links p = Some (q, t) -> entry theta p = sg t * entry theta q) ->
  forall fuel p0 p s r u, entry theta p0 = sg s * entry theta p -> root fuel p s = (r, u) -> entry theta p0 = sg u * entry theta r.
Proof.
  intros H. induction fuel as [|k IH]; cbn [root]; intros p0 p s r u Hp Hr; [now injection Hr as <- <-|].
  destruct (get_t links p) as [[q t]|] eqn:E; [|now injection Hr as <- <-].
  apply (IH p0 _ _ _ _) in Hr; [exact Hr|]. rewrite Hp, (H _ _ _ E), sg_xorb. ring.
Qed.
End Fixed.
(** union-find with signs: links between parameters, and parameters that are 0 *)
Definition join (fuel : nat) (lz : PM.t (N * bool) * PM.t unit) (e : N * (N * bool)) : PM.t (N * bool) * PM.t unit :=
  let '(links, zeros) := lz in
  let '(q, (p, t)) := e in
  let (a, sa) := root links fuel q false in
  let (b, sb) := root links fuel p t in
  if N.eqb a b then (if Bool.eqb sa sb then lz else (links, PM.add (N.succ_pos a) tt zeros))
  else (PM.add (N.succ_pos a) (b, xorb sa sb) links, if is_pivot zeros a then PM.add (N.succ_pos b) tt zeros else zeros).
Definition row_vanishes (fuel : nat) (lz : PM.t (N * bool) * PM.t unit) (r : row) : bool :=
  qzero (r_constant r) &&
  pis0 (psum (map (fun e => let (a, s) := root (fst lz) fuel (fst e) false in
    if is_pivot (snd lz) a then [] else pscal (if s then qopp (snd e) else snd e) (pvar (N.succ_pos a))) (r_entries r))).
Definition check_moves (m : model) (ls : list (list (N * (N * bool)))) (L : subspace) : bool :=
  let leaves := subspace_leaves L in
  let leaf p := Checks.subst_leaf leaves (N.succ_pos p) in
  let fuel := S (N.to_nat (dimension m)) in
  forallb (fun l => forallb (fun e => let '(q, (p, t)) := e in
    N.eqb q p && negb t || pis0 (psub (leaf q) (if t : bool then popp (leaf p) else leaf p))) l) ls
  && let lz := fold_left (fun lz l => fold_left (join fuel) l lz) ls (PM.empty _, PM.empty _) in
     forallb (row_vanishes fuel lz) (s_rows L).
Definition check_fixed (m : model) (all : list tables) (L : subspace) : bool := check_moves m (map (leaf_moves m) all) L.

(** what the links and zeros say holds at theta *)
Definition links_hold (theta : vec) (lz : PM.t (N * bool) * PM.t unit) : Prop :=
  (forall p q t, get_t (fst lz) p = Some (q, t) -> entry theta p = sg t * entry theta q) /\ forall p, is_pivot (snd lz) p = true -> entry theta p = 0.
Lemma join_ok theta fuel lz e : links_hold theta lz -> entry theta (fst e) = sg (snd (snd e)) * entry theta (fst (snd e)) -> links_hold theta (join fuel lz e).
Proof.
  revert lz e. intros [links zeros] [q [p t]] [O1 O2] He. cbn [fst snd] in *. unfold join.
  destruct (root links fuel q false) as [a sa] eqn:Ea. destruct (root links fuel p t) as [b sb] eqn:Eb.
  assert (Va := root_ok links theta O1 fuel q q false a sa ltac:(cbn [sg]; ring) Ea).
  assert (Vb := root_ok links theta O1 fuel q p t b sb He Eb).
  assert (AB : entry theta a = sg (xorb sa sb) * entry theta b).
  { rewrite sg_xorb. transitivity (sg sa * (sg sa * entry theta a)); [rewrite <- Rmult_assoc, sg_sg; ring|]. rewrite <- Va, Vb. ring. }
  destruct (N.eqb_spec a b) as [->|D].
  - destruct (Bool.eqb sa sb) eqn:E; [split; assumption|]. split; [exact O1|]. cbn [fst snd]. intros j. unfold is_pivot.
    destruct (N.eq_dec j b) as [->|Dj].
    + intros _. apply eqb_false_iff in E. destruct sa, sb; try easy; cbn [xorb sg] in AB; lra.
    + rewrite PM.gso by (intros K; apply Dj; now apply succ_pos_inj). apply O2.
  - split; cbn [fst snd].
    + intros j q' t'. unfold get_t. destruct (N.eq_dec j a) as [->|Dj].
      * rewrite PM.gss. intros [= <- <-]. exact AB.
      * rewrite PM.gso by (intros K; apply Dj; now apply succ_pos_inj). apply O1.
    + destruct (is_pivot zeros a) eqn:Za; [|exact O2]. intros j. unfold is_pivot at 1. destruct (N.eq_dec j b) as [->|Dj].
      * intros _. apply O2 in Za. rewrite Za in AB. destruct (xorb sa sb); cbn [sg] in AB; lra.
      * rewrite PM.gso by (intros K; apply Dj; now apply succ_pos_inj). apply O2.
Qed.
Lemma joins_ok theta fuel : forall l lz, links_hold theta lz -> (forall q p t, In (q, (p, t)) l -> entry theta q = sg t * entry theta p) ->
  links_hold theta (fold_left (join fuel) l lz).
Proof.
  induction l as [|[q [p t]] l IH]; cbn [fold_left]; intros lz0 O Hl; [exact O|]. apply IH; [|intros; apply Hl; now right].
  apply join_ok; [exact O|]. cbn [fst snd]. apply Hl. now left.
Qed.
Lemma all_joins_ok theta fuel : forall ls lz, links_hold theta lz -> (forall l, In l ls -> forall q p t, In (q, (p, t)) l -> entry theta q = sg t * entry theta p) ->
  links_hold theta (fold_left (fun lz l => fold_left (join fuel) l lz) ls lz).
Proof.
  induction ls as [|l ls' IH]; cbn [fold_left]; intros lz O Hth; [exact O|].
  apply IH; [apply joins_ok; [exact O|apply Hth; now left]|intros l' Hl'; apply Hth; now right].
Qed.
Lemma no_links theta : links_hold theta (PM.empty (N * bool), PM.empty unit).
Proof. split; cbn [fst snd]; intros p; unfold get_t, is_pivot; rewrite PM.gempty; easy. Qed.
Lemma row_vanishes_ok theta fuel lz r : links_hold theta lz -> row_vanishes fuel lz r = true -> row_of r theta = Q2R (r_constant r).
Proof.
  intros [I1 I2] H2. unfold row_vanishes in H2. apply andb_prop in H2 as [Hc H2].
  apply (pis0_ok theta) in H2. rewrite psum_ok, map_map in H2.
  rewrite (qzero_ok _ Hc). rewrite <- H2. unfold row_of, rsum, lsum. f_equal. apply map_ext. intros [p q]. cbn [fst snd].
  destruct (root (fst lz) fuel p false) as [a s] eqn:Ea.
  assert (V := root_ok (fst lz) theta I1 fuel p p false a s ltac:(cbn [sg]; ring) Ea).
  destruct (is_pivot (snd lz) a) eqn:Za.
  + rewrite V, (I2 a Za). simpl. ring.
  + rewrite pscal_ok, pvar_ok, V. unfold entry. destruct s; rewrite ?qopp_ok; cbn [sg]; ring.
Qed.

Theorem check_moves_sound m L : forall (gs : list generator) (ls : list (list (N * (N * bool)))),
  Forall2 (fun g l => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l -> entry theta' q = sg t * entry theta p) gs ls ->
  check_moves m ls L = true -> fixed_space_is m gs L.
Proof.
  intros gs ls HG H. unfold check_moves in H. cbv zeta in H. apply andb_prop in H as [H1 H2].
  assert (Fix : forall theta, (forall g, In g gs -> moves m g theta theta) <->
    forall l, In l ls -> forall q p t, In (q, (p, t)) l -> entry theta q = sg t * entry theta p).
  { intros theta. clear -HG. induction HG as [|g tabs gs ls Hg HG IH]; cbn [In]; [split; intros; tauto|]. split.
    - intros H l [<-|Hl]; [apply Hg; apply H; now left|]. refine (proj1 IH _ l Hl). intros g' Hg'. apply H. now right.
    - intros H g' [<-|Hg']; [apply Hg; apply H; now left|]. refine (proj2 IH _ g' Hg'). intros l Hl. apply H. now right. }
  intros theta. rewrite Fix. clear Fix HG. split.
  - intros Hth l Hl q p t Hin. rewrite forallb_forall in H1. specialize (H1 l Hl). rewrite forallb_forall in H1. specialize (H1 _ Hin). cbv beta iota in H1.
    apply orb_prop in H1 as [H1|H1].
    + apply andb_prop in H1 as [E1 E2]. apply N.eqb_eq in E1 as ->. apply negb_true_iff in E2 as ->. cbn [sg]. ring.
    + set (rho := Slp.val theta theta (fun _ _ => 0)). apply (pis0_ok rho) in H1. rewrite psub_ok in H1.
      assert (X : forall p, peval rho (Checks.subst_leaf (subspace_leaves L) (N.succ_pos p)) = entry theta p)
        by (intros p0; apply subspace_leaves_ok; exact Hth).
      rewrite X in H1. destruct t; cbn [sg]; [rewrite popp_ok, X in H1; lra|rewrite X in H1; lra].
  - intros Hth r Hr. rewrite forallb_forall in H2. specialize (H2 r Hr). 
    set (fuel := S (N.to_nat (dimension m))) in *. set (lz := fold_left _ ls _) in *.
    apply (row_vanishes_ok theta fuel lz r); [|exact H2]. now apply all_joins_ok; [apply no_links|].
Qed.
Theorem check_fixed_sound m L : forall (gs : list generator) (all : list tables),
  Forall2 (fun g tabs => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) (leaf_moves m tabs) -> entry theta' q = sg t * entry theta p) gs all ->
  check_fixed m all L = true -> fixed_space_is m gs L.
Proof.
  intros gs all HG. apply check_moves_sound. induction HG as [|g t gs all H K IH]; cbn [map]; constructor; auto.
Qed.

(** ** Invariance of the fixed space *)
Definition no_generator : generator := {| g_actions := []; g_nodes := [] |}.
Fixpoint all_checked (m : model) (known : text -> list fact) (gs : list (generator * node_actions)) : option (list tables) :=
  match gs with
  | [] => Some []
  | (g, e) :: l => match check_equivariance m known g e, all_checked m known l with Some t, Some ts => Some (t :: ts) | _, _ => None end
  end.
(** inputs and outputs may move too *)
Fixpoint all_followed (m : model) (known : text -> list fact) (gs : list (generator * node_actions)) : option (list tables) :=
  match gs with
  | [] => Some []
  | (g, e) :: l => match check_moving m known g e, all_followed m known l with Some t, Some ts => Some (t :: ts) | _, _ => None end
  end.
Lemma all_checked_ok m known : forall gs all, all_checked m known gs = Some all ->
  Forall2 (fun ge t => check_equivariance m known (fst ge) (snd ge) = Some t) gs all.
Proof.
  induction gs as [|[g e] gs IH]; cbn [all_checked]; intros all H; [injection H as <-; constructor|].
  destruct (check_equivariance m known g e) eqn:E; [|easy]. destruct (all_checked m known gs); [|easy]. injection H as <-.
  constructor; auto.
Qed.
Lemma all_followed_ok m known : forall gs all, all_followed m known gs = Some all ->
  Forall2 (fun ge t => check_moving m known (fst ge) (snd ge) = Some t) gs all.
Proof.
  induction gs as [|[g e] gs IH]; cbn [all_followed]; intros all H; [injection H as <-; constructor|].
  destruct (check_moving m known g e) eqn:E; [|easy]. destruct (all_followed m known gs); [|easy]. injection H as <-.
  constructor; auto.
Qed.
Lemma followed_fixed m known gs all L : all_followed m known gs = Some all -> check_fixed m all L = true -> fixed_space_is m (map fst gs) L.
Proof.
  intros Ec H. apply all_followed_ok in Ec. apply (check_fixed_sound m L (map fst gs) all); [|exact H]. clear -Ec.
  induction Ec as [|[g e] t l l' Ht Ea IH]; constructor; [|exact IH]. intros. exact (moves_iff_list m known g e t Ht theta theta').
Qed.
Lemma each_followed m known gs all : all_followed m known gs = Some all ->
  forall g, In g (map fst gs) -> exists e t, In (g, e) gs /\ In t all /\ check_moving m known g e = Some t.
Proof.
  intros Ec g Hg. apply all_followed_ok in Ec. apply in_map_iff in Hg as ([g' e] & <- & Hin). cbn [fst].
  induction Ec as [|[g1 e1] t l l' Ht Ea IH]; [easy|]. destruct Hin as [E|Hin].
  - injection E as -> ->. exists e, t. split; [now left|]. split; [now left|exact Ht].
  - destruct (IH Hin) as (e' & t' & H1 & H2 & H3). exists e', t'. split; [now right|]. split; [now right|exact H3].
Qed.
Lemma checked_followed m known : forall gs all, all_checked m known gs = Some all -> all_followed m known gs = Some all /\ forall t, In t all -> ends_fixed m t = true.
Proof.
  induction gs as [|[g e] gs IH]; cbn [all_checked all_followed]; intros all H; [injection H as <-; split; [reflexivity|easy]|].
  destruct (check_equivariance m known g e) as [t|] eqn:E; [|easy]. destruct (all_checked m known gs) as [ts|]; [|easy]. injection H as <-.
  apply equivariance_moving in E as [E1 E2]. destruct (IH ts eq_refl) as [I1 I2]. rewrite E1, I1. split; [reflexivity|].
  intros t' [<-|Ht]; [exact E2|now apply I2].
Qed.
(** what all generators fix is a direction of their fixed space *)
Lemma fixed_direction m gs L a : fixed_space_is m gs L -> (forall g, In g gs -> moves m g a a) -> forall r, In r (s_rows L) -> row_of r a = 0.
Proof.
  intros HF Ha r Hr. assert (Z : forall A (l : list A) (f : A -> R), (forall e, In e l -> f e = 0) -> rsum f l = 0).
  { intros A l f. unfold rsum. induction l as [|e l IH]; cbn [map fold_right]; intros H; [reflexivity|].
    rewrite (H e (or_introl eq_refl)), IH; [ring|]. intros; apply H; now right. }
  rewrite (proj2 (HF a) Ha r Hr). assert (H0 : in_subspace L (fun _ => 0)).
  { apply HF. intros g Hg k n Hn Hl i Hi. unfold entry at 1. symmetry. apply Z. intros j _. unfold entry. ring. }
  rewrite <- (H0 r Hr). apply Z. intros e _. unfold entry. ring.
Qed.
