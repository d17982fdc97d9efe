(** * Data with a symmetry: if F(g theta)(T x) = eps F(theta)(x) and the data are carried to themselves, the risk is invariant, and its gradient fixed. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Leaves Parities Nodewise Slopes Sensitivity Risk.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** the images of the examples are the examples in another order *)
Definition carried_to (m : model) (g : generator) (e e' : example) : Prop :=
  Q2R (d_weight e') = Q2R (d_weight e) /\ moves_input m g (input_vector m e) (input_vector m e') /\ moves_output m g (target e) (target e').
Definition carried (m : model) (g : generator) (data : list example) : Prop :=
  exists images, Permutation data images /\ Forall2 (carried_to m g) data images.
Lemma carried_closed m g data : carried m g data -> closed_under m g data.
Proof.
  intros (images & Hp & H) e He. assert (G : exists e', In e' images /\ carried_to m g e e').
  { clear Hp. induction H as [|a b l l' Hab H IH]; [easy|]. destruct He as [<-|He]; [exists b; split; [now left|exact Hab]|].
    destruct (IH He) as (e' & H1 & H2). exists e'. split; [now right|exact H2]. }
  destruct G as (e' & H1 & H2). exists e'. split; [eapply Permutation_in; [symmetry; exact Hp|exact H1]|exact H2].
Qed.
Lemma sum_carried m g data (f f' : example -> R) : carried m g data -> (forall e e', In e data -> In e' data -> carried_to m g e e' -> f' e' = f e) -> rsum f' data = rsum f data.
Proof.
  intros (images & Hp & H) E. rewrite (rsum_perm f' _ _ Hp). assert (Hin : incl images data) by (intros a Ha; eapply Permutation_in; [symmetry; exact Hp|exact Ha]).
  assert (G : forall l l', Forall2 (carried_to m g) l l' -> incl l data -> incl l' data -> rsum f' l' = rsum f l).
  { clear -E. induction 1 as [|a b l l' Hab H IH]; intros H1 H2; [reflexivity|]. unfold rsum in *. cbn [map fold_right]. rewrite IH.
    - f_equal. apply E; [apply H1; now left|apply H2; now left|exact Hab].
    - intros c Hc. apply H1. now right.
    - intros c Hc. apply H2. now right. }
  apply (G _ _ H); [apply incl_refl|exact Hin].
Qed.

(** ** The gradient of the risk *)
Section Risk.
Variable m : model.
Variable known : text -> list fact.
Variable t0 : tables.
Hypothesis E0 : check_equivariance m known no_generator [] = Some t0.
Hypothesis Hi : indices_ok m = true.
Variable data : list example.

Section Form.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Variable theta : vec.
(** the chain rule: the derivative of the risk in a direction *)
Definition risk_form (pairs : list (example * (N * N -> R))) (v : vec) : R :=
  rsum (fun ed => Q2R (d_weight (fst ed)) * rsum (fun ki => snd ed ki * tangent m sigma slope theta (input_vector m (fst ed)) v (at_ (m_outputs m) (fst ki) 0%N) (snd ki))
    (output_pairs m)) pairs.
Lemma risk_form_sum pairs v : within m v -> risk_form pairs v = rsum (fun p => entry v p * risk_form pairs (ebasis (N.succ_pos p))) (upto (dimension m)).
Proof.
  intros Hw. unfold risk_form.
  rewrite (rsum_ext _ (fun ed => rsum (fun p => entry v p * (Q2R (d_weight (fst ed)) * rsum (fun ki => snd ed ki *
    tangent m sigma slope theta (input_vector m (fst ed)) (ebasis (N.succ_pos p)) (at_ (m_outputs m) (fst ki) 0%N) (snd ki)) (output_pairs m))) (upto (dimension m)))).
  - rewrite rsum_swap. apply rsum_ext. intros p _. apply rsum_scal.
  - intros ed _.
    rewrite (rsum_ext _ (fun ki => rsum (fun p => entry v p * (snd ed ki * tangent m sigma slope theta (input_vector m (fst ed)) (ebasis (N.succ_pos p)) (at_ (m_outputs m) (fst ki) 0%N) (snd ki)))
      (upto (dimension m)))).
    + rewrite rsum_swap, <- rsum_scal. apply rsum_ext. intros p _. rewrite rsum_scal. ring.
    + intros ki _. rewrite (tangent_sum m sigma slope theta _ v Hw), <- rsum_scal. apply rsum_ext. intros p _. ring.
Qed.
(** what a form that is invariant under all generators gives *)
Lemma risk_form_direction gs L pairs : fixed_space_is m gs L -> (forall g, In g gs -> isometric m g) ->
  (forall g, In g gs -> forall v v', moves m g v v' -> risk_form pairs v' = risk_form pairs v) ->
  forall r, In r (s_rows L) -> rsum (fun e => Q2R (snd e) * risk_form pairs (ebasis (N.succ_pos (fst e)))) (r_entries r) = 0.
Proof.
  intros HF Hiso Hinv. apply (fixed_direction m gs L (fun j => risk_form pairs (ebasis j)) HF). intros g Hg.
  apply (fixed_form m g _ Hi (Hiso g Hg)). intros v v' Hv Hv' Hm. specialize (Hinv g Hg v v' Hm).
  now rewrite (risk_form_sum _ _ Hv), (risk_form_sum _ _ Hv') in Hinv.
Qed.
Hypothesis Hs : slopes_of sigma slope.
Variable l : loss.
Lemma risk_curve pairs (c : R -> vec) (dc : vec) s : map fst pairs = data ->
  (forall e d, In (e, d) pairs -> regular m sigma theta (input_vector m e) /\ loss_derivative m l (outputs_of m sigma theta (input_vector m e)) (target e) d) ->
  c s = theta -> (forall p, is_derive (fun t => entry (c t) p) s (entry dc p)) ->
  is_derive (fun t => risk m sigma l data (c t)) s (risk_form pairs dc).
Proof.
  intros <- H Hc Hd. unfold risk_form. destruct (equivariance_moving _ _ _ _ _ E0) as [M0 S0]. destruct (checked m known no_generator [] t0 M0) as (C0 & _).
  apply (is_derive_ext (fun t => rsum (fun ed => Q2R (d_weight (fst ed)) * l (outputs_of m sigma (c t) (input_vector m (fst ed))) (target (fst ed))) pairs)).
  { intros t. unfold risk. now rewrite rsum_map. }
  apply (is_derive_rsum (fun ed t => Q2R (d_weight (fst ed)) * l (outputs_of m sigma (c t) (input_vector m (fst ed))) (target (fst ed)))).
  intros [e d] Hin. cbn [fst snd]. destruct (H e d Hin) as [Hr Hl].
  apply (is_derive_scal (fun t => l (outputs_of m sigma (c t) (input_vector m e)) (target e))).
  apply (loss_chain m l (fun t => outputs_of m sigma (c t) (input_vector m e)) (target e) d
    (fun k i => tangent m sigma slope theta (input_vector m e) dc (at_ (m_outputs m) k 0%N) i) s); [now rewrite Hc|].
  intros k i Hki. apply in_output_pairs in Hki. unfold outputs_of, F, value, tangent. rewrite <- Hc.
  apply (nodes_rule_is_derive m known sigma slope Hs c (input_vector m e) dc s Hd no_generator [])
    with (tabs := PM.empty _) (tabs' := t0) (v := fun _ _ _ => 0) (w := fun _ _ => 0).
  - exact C0.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite Hc. exact Hr.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite (output_still m t0 S0 k i Hki). discriminate.
Qed.
End Form.

Lemma pairs_exist (P : example -> (N * N -> R) -> Prop) : (forall e, In e data -> exists d, P e d) ->
  exists pairs, map fst pairs = data /\ forall e d, In (e, d) pairs -> P e d.
Proof.
  induction data as [|e l IH]; intros H; [exists []; split; [reflexivity|easy]|].
  destruct (H e (or_introl eq_refl)) as [d Hd]. destruct IH as (pairs & E & Hp); [intros; apply H; now right|].
  exists ((e, d) :: pairs). cbn [map fst]. rewrite E. split; [reflexivity|]. intros e' d' [[= <- <-]|Hin]; [exact Hd|now apply Hp].
Qed.

Variable gs : list generator.
Hypothesis Hcar : forall g, In g gs -> carried m g data.
Variable sigma : text -> R -> R.
Hypothesis Heq : forall g, In g gs -> equivariance_for m g sigma.
Lemma risk_moved l g u u' : symmetric_loss m gs l -> In g gs -> moves m g u u' -> risk m sigma l data u' = risk m sigma l data u.
Proof.
  intros Hl Hg Hm. unfold risk. apply (sum_carried m g data _ _ (Hcar g Hg)). intros e e' _ _ (Hw & Hx & Hy). rewrite Hw. f_equal.
  apply (Hl g Hg); [|exact Hy]. now apply (proj2 (Heq g Hg) u u' Hm).
Qed.
Lemma equivariance_isometric g : In g gs -> isometric m g.
Proof. intros Hg. destruct (Heq g Hg) as [H1 H2]. split; [exact H1|]. intros v v' Hm. now apply (H2 v v' Hm). Qed.
Lemma moves_line g u u' v v' t : moves m g u u' -> moves m g v v' -> moves m g (fun j => u j + t * v j) (fun j => u' j + t * v' j).
Proof.
  intros H H' k n Hn Hl i Hlt. specialize (H k n Hn Hl i Hlt). specialize (H' k n Hn Hl i Hlt). unfold entry in *. rewrite H, H'.
  rewrite <- rsum_scal, <- rsum_plus. apply rsum_ext. intros j _. ring.
Qed.

Theorem data_gradient L : fixed_space_is m gs L -> data_invariant_for m data gs L sigma.
Proof.
  intros HF l Hl Hsym theta Hth Hreg. set (slope := fun f k z => Derive (Derive_n (sigma f) (N.to_nat k)) z).
  assert (Hs : slopes_of sigma slope) by (intros f k z _; reflexivity).
  destruct (pairs_exist (fun e d => loss_derivative m l (outputs_of m sigma theta (input_vector m e)) (target e) d)) as (pairs & Ep & Hp);
    [intros e _; apply Hl|].
  assert (Hp' : forall e d, In (e, d) pairs -> regular m sigma theta (input_vector m e) /\ loss_derivative m l (outputs_of m sigma theta (input_vector m e)) (target e) d).
  { intros e d Hin. split; [|now apply Hp]. apply Hreg. rewrite <- Ep. exact (in_map fst _ _ Hin). }
  assert (D : forall p, is_derive (fun t => risk m sigma l data (upd theta (N.succ_pos p) t)) (theta (N.succ_pos p)) (risk_form sigma slope theta pairs (ebasis (N.succ_pos p)))).
  { intros p. apply (risk_curve sigma slope theta Hs l pairs _ _ _ Ep Hp'); [apply upd_self|]. intros q. unfold entry. apply is_derive_upd. }
  split; [intros p _; unfold ex_partial; eexists; apply D|].
  intros r Hr. unfold row_gradient.
  rewrite <- (risk_form_direction sigma slope theta gs L pairs HF equivariance_isometric) with (r := r); [|clear r Hr|exact Hr].
  { apply rsum_ext. intros e _. f_equal. unfold partial_p, partial. apply is_derive_unique, D. }
  intros g Hg v v' Hm. assert (Hfix : moves m g theta theta) by now apply HF.
  assert (Dv : forall v, is_derive (fun t => risk m sigma l data (fun j => theta j + t * v j)) 0 (risk_form sigma slope theta pairs v)).
  { intros u. apply (risk_curve sigma slope theta Hs l pairs _ _ _ Ep Hp').
    - apply functional_extensionality. intros j. ring.
    - intros p. unfold entry. auto_derive; [exact I|ring]. }
  rewrite <- (is_derive_unique _ _ _ (Dv v)). symmetry. apply is_derive_unique.
  apply (is_derive_ext (fun t => risk m sigma l data (fun j => theta j + t * v' j))); [|apply Dv].
  intros t. apply (risk_moved l g); [exact Hsym|exact Hg|now apply moves_line].
Qed.
End Risk.

(** ** Signed permutations, node by node *)
(** the nodes of the proof are neither inputs nor outputs *)
Definition inner_only (m : model) (extra : node_actions) : bool :=
  (forallb (fun kn => match snd kn with NInput _ _ => match find_n (fst kn) extra with None => true | Some _ => false end | _ => true end) (numbered (m_nodes m))
  && forallb (fun o => match find_n o extra with None => true | Some _ => false end) (m_outputs m))%bool.
Definition outputs_exist (m : model) : bool := let n := length_n (m_nodes m) in forallb (fun o => N.ltb o n) (m_outputs m).
Lemma find_n_app {A} k (l l' : list (N * A)) : find_n k (l ++ l') = match find_n k l with Some a => Some a | None => find_n k l' end.
Proof. induction l as [|[n a] l IH]; cbn [app find_n]; [reflexivity|]. destruct (N.eqb k n); [reflexivity|exact IH]. Qed.
Section Moving.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Hypothesis Hin : inner_only m extra = true.
Hypothesis Hout : outputs_exist m = true.
Variable tabs : tables.
Hypothesis Hc : check_moving m known g (g_nodes g ++ extra) = Some tabs.

Lemma ends_actions n k sh : find_n k extra = None -> actions_at (g_actions g) (if leaf_b n then g_nodes g else g_nodes g ++ extra) sh k = actions_at (g_actions g) (g_nodes g) sh k.
Proof.
  intros E. destruct (leaf_b n); [reflexivity|]. unfold actions_at. rewrite find_n_app, E. now destruct (find_n k (g_nodes g)).
Qed.
Lemma input_table k s name x x' : nth_error (m_nodes m) k = Some (NInput s name) -> moves_input m g x x' ->
  forall i p t, look tabs (N.of_nat k) i = Some (p, t) -> entry x' (offset (m_inputs m) name + i) = sg t * entry x (offset (m_inputs m) name + p).
Proof.
  intros Hn Hx i p t Hl. destruct (checked m known g _ tabs Hc) as (C1 & _). destruct (nodes_rule_tables m known g _ _ _ _ _ C1) as [_ Own].
  destruct (Own k _ Hn) as (own & F1 & F3). cbn [N.add shape_of] in *. rewrite F3 in Hl.
  assert (E : find_n (N.of_nat k) extra = None).
  { unfold inner_only in Hin. apply andb_prop in Hin as [H _]. rewrite forallb_forall in H.
    assert (HI : In (N.of_nat k, NInput s name) (numbered (m_nodes m))) by (apply in_numbered; now rewrite Nat2N.id).
    specialize (H _ HI). cbn [fst snd] in H. now destruct (find_n (N.of_nat k) extra). }
  unfold acts_of in F1. cbn [shape_of] in F1. rewrite (ends_actions _ _ _ E) in F1.
  rewrite (Hx k s name Hn i).
  - exact (flat_action_sum _ _ own i p t (fun j => entry x (offset (m_inputs m) name + j)) F1 Hl).
  - apply flat_action_ok in F1 as [F1 _]. assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia.
Qed.
Lemma output_table (z z' : arrays) : (forall k i p t, look tabs (at_ (m_outputs m) k 0%N) i = Some (p, t) -> z' k i = sg t * z k p) -> moves_output m g z z'.
Proof.
  intros H k n Hn i Hlt. specialize (H k i). unfold at_ in H. rewrite (nth_error_nth _ _ _ Hn) in H.
  destruct (checked m known g _ tabs Hc) as (C1 & _). destruct (nodes_rule_tables m known g _ _ _ _ _ C1) as [_ Own].
  assert (Hb : (n < N.of_nat (length (m_nodes m)))%N).
  { unfold outputs_exist in Hout. cbv zeta in Hout. rewrite forallb_forall in Hout. specialize (Hout n (nth_error_In _ _ Hn)).
    apply N.ltb_lt in Hout. now rewrite length_n_ok in Hout. }
  destruct (nth_error (m_nodes m) (N.to_nat n)) as [nd|] eqn:En; [|apply nth_error_None in En; lia].
  destruct (Own (N.to_nat n) nd En) as (own & F1 & F3). cbn [N.add] in *. rewrite N2Nat.id in *.
  assert (Sh : shape_at m n = shape_of nd) by (unfold shape_at, node_at, at_; now rewrite (nth_error_nth _ _ _ En)). rewrite Sh in *.
  assert (E : find_n n extra = None).
  { unfold inner_only in Hin. apply andb_prop in Hin as [_ H']. rewrite forallb_forall in H'. specialize (H' n (nth_error_In _ _ Hn)). now destruct (find_n n extra). }
  unfold acts_of in F1. rewrite (ends_actions _ _ _ E) in F1.
  destruct (nth_error own (N.to_nat i)) as [[p t]|] eqn:Ei.
  - rewrite (H p t) by now rewrite F3. symmetry. exact (flat_action_sum _ _ own i p t (z k) F1 Ei).
  - apply nth_error_None in Ei. apply flat_action_ok in F1 as [F1 _]. lia.
Qed.
Theorem moving_equivariance sigma : known_ok known sigma -> equivariance_for m g sigma.
Proof.
  intros Hk. split; [intros theta; eexists; exact (act_moves m known g _ tabs Hc theta)|]. intros theta theta' Hm. split.
  - exact (act_norm m known g _ tabs Hc theta theta' Hm).
  - intros x x' Hx. apply output_table. intros k i p t Hl. unfold outputs_of, F.
    apply (moved_value m known g _ tabs Hc sigma Hk theta theta' x x' Hm); [|exact Hl].
    intros j s name Hn. now apply (input_table j s name x x').
Qed.
End Moving.
