(** * Data with a symmetry: any value of a slope where the argument of a piecewise function is 0 all over the subspace.

    The first part is SPECIFICATION; the gradient is that of the chain rule, as in Slopes.v. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Leaves Parities Nodewise Samples Slopes Risk DataSymmetry.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** SPECIFICATION *)
(** at the input x no argument of a piecewise function is 0, unless it is 0 all over the subspace *)
Definition considered_at (m : model) (assumptions : list (text * assumption)) (L : subspace) (sigma : text -> R -> R) (theta x : vec) : Prop :=
  forall k s a f o, nth_error (m_nodes m) k = Some (NApply s a f o) -> kinked m assumptions f = true -> forall i, (i < size s)%N ->
  value m sigma theta x a i <> 0 \/ forall theta', in_subspace L theta' -> value m sigma theta' x a i = 0.
(** the derivative of the risk by parameter p, by the chain rule; [d e] is the derivative of the loss at the example e *)
Definition risk_sensitivity (m : model) (sigma : text -> R -> R) (slope : text -> N -> R -> R) (theta : vec) (data : list example) (d : example -> N * N -> R) (p : N) : R :=
  rsum (fun e => Q2R (d_weight e) * rsum (fun ki => d e ki * sensitivity m sigma slope theta (input_vector m e) (fst ki) (snd ki) p) (output_pairs m)) data.
Definition data_invariant_with_slopes (m : model) (assumptions : list (text * assumption)) (data : list example) (gs : list generator) (L : subspace)
    (sigma : text -> R -> R) : Prop :=
  forall slope, slopes_of sigma slope -> forall theta, in_subspace L theta ->
  (forall e, In e data -> considered_at m assumptions L sigma theta (input_vector m e)) ->
  forall l d, symmetric_loss m gs l ->
  (forall e, In e data -> loss_derivative m l (outputs_of m sigma theta (input_vector m e)) (target e) (d e)) ->
  forall r, In r (s_rows L) -> rsum (fun en => Q2R (snd en) * risk_sensitivity m sigma slope theta data d (fst en)) (r_entries r) = 0.

(** ** The check: an argument whose sign is flipped before a piecewise function is not 0 all over the subspace at any example *)
Definition input_values (m : model) (e : example) : PM.t Q := tabulate (flat_values (m_inputs m) (d_input e)).
Definition check_data_slopes (m : model) (assumptions : list (text * assumption)) (data : list example) (all : list tables) (L : subspace) : bool :=
  match flat_map (flips m assumptions) all with
  | [] => true
  | l => forallb (fun e =>
      let xs := input_values m e in
      let ss := map (fun k => sample_on m assumptions L xs k) [0; 1; 2; 3]%N in forallb (shown_nonzero ss) l) data
  end.

(** ** Soundness *)
Lemma real_tabulate l : real (tabulate l) = vector_of l.
Proof.
  apply functional_extensionality. intros j. unfold real, vector_of. destruct (succ_pos_surj j) as [p ->].
  assert (T := tabulate_ok l p). unfold get_t in T. rewrite T.
  replace (pred (Pos.to_nat (N.succ_pos p))) with (N.to_nat p) by (destruct p; simpl; lia).
  destruct (nth_error l (N.to_nat p)) as [q|] eqn:E; [now rewrite (nth_error_nth _ _ _ E)|].
  apply nth_error_None in E. rewrite nth_overflow by exact E. symmetry. apply Q2R_0.
Qed.
Section Slopes.
Variable m : model.
Variable assumptions : list (text * assumption).
Variable data : list example.
Variable gs : list (generator * node_actions).
Variable all : list tables.
Hypothesis Hi : indices_ok m = true.
Hypothesis Hin : forall g e, In (g, e) gs -> inner_only m e = true.
Hypothesis Hout : outputs_exist m = true.
Hypothesis Hc : all_followed m (parities m assumptions) (map (fun ge => (fst ge, g_nodes (fst ge) ++ snd ge)) gs) = Some all.
Hypothesis Hcar : forall g, In g (map fst gs) -> carried m g data.
Variable L : subspace.
Hypothesis HF : fixed_space_is m (map fst gs) L.
Hypothesis Hs : check_data_slopes m assumptions data all L = true.

Lemma each_moving g : In g (map fst gs) -> exists e t, inner_only m e = true /\ In t all /\ check_moving m (parities m assumptions) g (g_nodes g ++ e) = Some t.
Proof.
  intros Hg. assert (Hg' : In g (map fst (map (fun ge => (fst ge, g_nodes (fst ge) ++ snd ge)) gs))) by (rewrite map_map; exact Hg).
  destruct (each_followed _ _ _ _ Hc g Hg') as (e & t & He & Ht & Hm). apply in_map_iff in He as ([g' e'] & [= <- <-] & He).
  exists e', t. split; [exact (Hin _ _ He)|]. auto.
Qed.
Lemma shown_at sigma e tabs a i : admissible m assumptions sigma -> In e data -> In tabs all -> In (a, i) (flips m assumptions tabs) ->
  exists theta, in_subspace L theta /\ value m sigma theta (input_vector m e) a i <> 0.
Proof.
  intros Ha He Ht Hf. assert (Hl : In (a, i) (flat_map (flips m assumptions) all)) by (apply in_flat_map; eauto).
  assert (H := Hs). unfold check_data_slopes in H. destruct (flat_map (flips m assumptions) all) as [|f l]; [easy|]. rewrite forallb_forall in H.
  specialize (H e He). cbv zeta in H. rewrite forallb_forall in H. specialize (H _ Hl).
  apply (shown_nonzero_at m assumptions sigma L (fun _ => input_values m e) _ a i Ha) in H as (_ & theta & H1 & H2).
  exists theta. split; [exact H1|]. unfold input_values in H2. now rewrite real_tabulate in H2.
Qed.
Theorem check_data_slopes_sound sigma : admissible m assumptions sigma -> differentiable m assumptions sigma ->
  data_invariant_with_slopes m assumptions data (map fst gs) L sigma.
Proof.
  intros Ha Hd slope Hslope theta Hth Hcon l d Hl Hld r Hr. assert (Hk := parities_ok m assumptions sigma Ha).
  assert (Heq : forall g, In g (map fst gs) -> equivariance_for m g sigma).
  { intros g Hg. destruct (each_moving g Hg) as (e & t & He & _ & Hm). exact (moving_equivariance m _ g e He Hout t Hm sigma Hk). }
  assert (Form : forall v, risk_form m sigma slope theta (map (fun e => (e, d e)) data) v =
    rsum (fun e => Q2R (d_weight e) * rsum (fun ki => d e ki * tangent m sigma slope theta (input_vector m e) v (at_ (m_outputs m) (fst ki) 0%N) (snd ki)) (output_pairs m)) data).
  { intros v. unfold risk_form. now rewrite rsum_map. }
  rewrite <- (risk_form_direction m Hi sigma slope theta (map fst gs) L (map (fun e => (e, d e)) data) HF) with (r := r).
  - apply rsum_ext. intros en _. f_equal. rewrite Form. reflexivity.
  - intros g Hg. destruct (Heq g Hg) as [H1 H2]. split; [exact H1|]. intros v v' Hm. now apply (H2 v v' Hm).
  - intros g Hg v v' Hv. rewrite !Form. apply (sum_carried m g data _ _ (Hcar g Hg)). intros e e' He He' (Hw & Hx & Hy). rewrite Hw. f_equal.
    destruct (each_moving g Hg) as (ex & t & Hex & Hta & Hm). assert (Hfix : moves m g theta theta) by now apply HF.
    apply (loss_derivative_moved m (map fst gs) l g (outputs_of m sigma theta (input_vector m e)) (outputs_of m sigma theta (input_vector m e')) (target e) (target e')
      (fun k i => tangent m sigma slope theta (input_vector m e) v (at_ (m_outputs m) k 0%N) i)
      (fun k i => tangent m sigma slope theta (input_vector m e') v' (at_ (m_outputs m) k 0%N) i)); [exact Hl|exact Hg| |exact Hy| |now apply Hld|now apply Hld].
    + now apply (proj2 (Heq g Hg) theta theta Hfix).
    + apply (output_table m _ g ex Hex Hout t Hm). intros k i p u Hlook.
      rewrite (moved_tangent m _ g _ t Hm sigma slope Hk (kinked m assumptions) (slopes_parity m assumptions sigma slope Ha Hd Hslope)
        theta theta (input_vector m e) (input_vector m e') v v' 1 Hfix) with (p := p) (t := u); [ring| | | |exact Hlook].
      * intros j n Hn Hleaf i' p' t' Hl'. rewrite Rmult_1_l. exact (proj1 (moves_iff m _ g _ t Hm v v') Hv j n Hn Hleaf i' p' t' Hl').
      * intros j s name Hn. now apply (input_table m _ g ex Hex t Hm j s name).
      * intros j s a f o i' p' Hj Hkf Hlt Hl'. destruct (Hcon e' He' j s a f o Hj Hkf i' Hlt) as [E|E]; [exact E|]. exfalso.
        destruct (shown_at sigma e' t a i' Ha He' Hta) as (th & G1 & G2); [now apply (flips_in m assumptions t j s a f o i' p')|]. apply G2. now apply E.
  - exact Hr.
Qed.
End Slopes.
