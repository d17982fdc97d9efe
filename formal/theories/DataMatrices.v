(** * F(g theta)(T x) = eps F(theta)(x) with rational orthogonal matrices, by symbolic execution before and after; predictors. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks Lie.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Matrices Risk.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** What a scalar program reads of the inputs *)
Fixpoint reads (b : positive -> bool) (e : expr) : Prop :=
  match e with
  | EX j => b j = true
  | EAdd a c | EMul a c => reads b a /\ reads b c
  | EAct _ a => reads b a
  | _ => True
  end.
Lemma evalE_reads b s th x x' e : (forall j, b j = true -> x j = x' j) -> reads b e -> evalE s th x e = evalE s th x' e.
Proof.
  intros H. induction e as [q|i|j|a IHa c IHc|a IHa c IHc|k a IHa]; cbn [reads evalE]; intros K; auto.
  - destruct K. now rewrite IHa, IHc.
  - destruct K. now rewrite IHa, IHc.
  - now rewrite IHa.
Qed.
Definition node_reads (b : positive -> bool) (n : Slp.node) : bool := match n with Slp.NX j => b j | _ => true end.
Lemma unroll_reads b p : Slp.wf_from 1 p = true -> forallb (node_reads b) p = true -> forall o, (o < Slp.advance 1 p)%positive -> reads b (Slp.unroll p o).
Proof.
  intros W1 R. assert (C := Slp.covers_unroll _ W1).
  assert (G : forall E p next, Slp.wf_from next p = true -> Slp.covers E next p -> forallb (node_reads b) p = true ->
     (forall n, (n < next)%positive -> reads b (E n)) -> forall n, (n < Slp.advance next p)%positive -> reads b (E n)).
  { clear. intros E.
    induction p as [|nd p IH]; intros next Wp Cp Rp H0; [exact H0|].
    cbn [Slp.wf_from Slp.covers forallb Slp.advance] in *. apply andb_prop in Wp as [Wa Wb]. apply andb_prop in Rp as [Ra Rb]. destruct Cp as [Ca Cb].
    apply IH; auto. intros n Hn. destruct (Pos.eq_dec n next) as [->|D]; [|apply H0; lia].
    rewrite Ca. assert (RL := Slp.refs_lt next nd Wa).
    destruct nd; cbn [Slp.expr_of reads Slp.refs node_reads] in *; auto.
    - clear Ca. induction l; simpl; auto. split; [apply H0, RL; simpl; auto|].
      apply IHl; [simpl in Wa; now apply andb_prop in Wa as [_ ?]|intros; apply RL; simpl; auto].
    - split; apply H0, RL; simpl; auto.
    - apply H0, RL; simpl; auto. }
  apply (G _ p 1%positive W1 C R). intros n Hn; lia.
Qed.

(** ** The check *)
Definition input_rows (m : model) (g : generator) : list (N * list (N * Q)) :=
  flat_map (fun kn => match snd kn with
    | NInput s name =>
      let o := offset (m_inputs m) name in
      let acts := actions_at (g_actions g) (g_nodes g) s (fst kn) in
      map (fun i => ((o + i)%N, map (fun j => ((o + j)%N, kronecker_q s acts i j)) (nrange (size s)))) (nrange (size s))
    | _ => [] end) (numbered (m_nodes m)).
Definition input_matrix (m : model) (g : generator) : Checks.gmat := map (fun qr => (N.succ_pos (fst qr), to_row (snd qr))) (input_rows m g).
Definition input_leaf (rows : Checks.gmat) (j : positive) : poly :=
  match Checks.assoc j rows with Some c => psum (map (fun t => pscal (snd t) (pvar (Slp.vX (fst t)))) c) | None => Checks.idX j end.
Definition reads_rows (rows : Checks.gmat) (j : positive) : bool := match Checks.assoc j rows with Some _ => true | None => false end.
(** the images of the first run's outputs under eps are the second run's outputs *)
Definition outputs_match (m : model) (g : generator) (S1 S2 : Slp.st) (outs : list (list positive)) : bool :=
  forallb (fun kps : N * list positive =>
    let o := at_ (m_outputs m) (fst kps) 0%N in
    let sh := shape_at m o in
    let acts := actions_at (g_actions g) (g_nodes g) sh o in
    has_length (snd kps) (size sh) &&
    forallb (fun ip => peqb (Slp.getP (Slp.vals S2) (snd ip))
      (psum (map (fun jq => pscal (kronecker_q sh acts (fst ip) (fst jq)) (Slp.getP (Slp.vals S1) (snd jq))) (numbered (snd kps))))) (numbered (snd kps)))
    (numbered outs).
Definition check_moving_matrix (m : model) (assumptions : list (text * assumption)) (g : generator) : bool :=
  match scalar_model true m assumptions with
  | Some (sm, outs) =>
    let rows := input_matrix m g in
    let S := Checks.runs sm {| Slp.lT := Checks.gleaf (matrix_of m g); Slp.lX := input_leaf rows |} in
    matrix_leaves m g && permutation_ok (map fst (input_rows m g)) && forallb (node_reads (reads_rows rows)) (Checks.m_prog sm)
    && outputs_match m g (fst S) (snd S) outs
  | None => false
  end.

Lemma numbered_length {A} (l : list A) : map fst (numbered l) = upto (N.of_nat (length l)).
Proof.
  unfold numbered. assert (G : forall (l : list A) k, map fst (number_from k l) = map (fun i => (k + i)%N) (upto (N.of_nat (length l)))).
  { induction l0 as [|a l0 IH]; intros k; cbn [number_from map fst length]; [reflexivity|].
    replace (N.of_nat (S (length l0))) with (1 + N.of_nat (length l0))%N by lia. rewrite Leaves.upto_add, map_app, map_map, IH.
    cbn [upto]. change (upto 1) with [0%N]. cbn [map app]. f_equal; [lia|]. apply map_ext. intros i. lia. }
  rewrite G. rewrite <- (map_id (upto _)) at 2. apply map_ext. intros i. lia.
Qed.
Lemma input_rows_moved m g x x' : moves_input m g x x' -> forall q l, In (q, l) (input_rows m g) -> entry x' q = dot (to_row l) x.
Proof.
  intros H q l Hin. unfold input_rows in Hin. apply in_flat_map in Hin as ([k n] & Hn & Hin). cbn [fst snd] in Hin. apply in_numbered in Hn.
  destruct n; try easy. cbv zeta in Hin. rewrite !nrange_ok in Hin. apply in_map_iff in Hin as (i & [= <- <-] & Hi). apply in_upto in Hi.
  rewrite (H _ _ _ Hn i Hi), dot_to_row, rsum_map, N2Nat.id. apply rsum_ext. intros j _. cbn [fst snd]. now rewrite kronecker_q_ok.
Qed.
Theorem check_moving_matrix_sound m assumptions g : check_moving_matrix m assumptions g = true ->
  forall sigma, admissible m assumptions sigma -> equivariance_for m g sigma.
Proof.
  unfold check_moving_matrix. destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Es; [|easy]. cbv zeta. intros H sigma Ha.
  apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4]. split; [now apply matrix_total|]. intros theta theta' Hmv.
  split; [exact (matrix_norm m g H1 theta theta' Hmv)|]. intros x x' Hx.
  destruct (scalar_model_ok _ _ _ _ _ Es) as (W & Hpar & Hout).
  assert (Hp : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)) by (rewrite Hpar; now apply scalar_par_ok).
  assert (ND : NoDup (map fst (input_rows m g))) by (apply permutation_ok_spec in H2; eapply Permutation_NoDup; [symmetry; exact H2|apply upto_nodup]).
  set (rows := input_matrix m g) in *.
  set (x2 := fun j => match Checks.assoc j rows with Some c => dot c x | None => x j end).
  assert (Ex : forall j, reads_rows rows j = true -> x' j = x2 j).
  { intros j Hj. unfold reads_rows in Hj. unfold x2. destruct (Checks.assoc j rows) as [c|] eqn:E; [|easy].
    apply assoc_some in E. apply in_map_iff in E as ([q l] & [= <- <-] & Hin). cbn [fst snd]. exact (input_rows_moved m g x x' Hx q l Hin). }
  destruct (Checks.runs_values sm {| Slp.lT := Checks.gleaf (matrix_of m g); Slp.lX := input_leaf rows |} (scalar_s m assumptions sigma)
    theta x (Checks.gact (matrix_of m g) theta) x2 W Hp) as (r & Hr).
  { intros at_'. split; intros j; [apply Checks.gleaf_ok|]. cbn [Slp.lX]. unfold input_leaf, x2. destruct (Checks.assoc j rows) as [c|].
    - rewrite psum_ok, map_map. unfold lsum. induction c as [|[i q] c IH]; cbn [map fold_right dot fst snd]; [reflexivity|].
      rewrite IH, pscal_ok, pvar_ok. reflexivity.
    - unfold Checks.idX. now rewrite pvar_ok. }
  set (S := Checks.runs sm _) in *.
  assert (V : forall k i n, nth_error (m_outputs m) (N.to_nat k) = Some n -> (i < size (shape_at m n))%N -> exists ps o,
    nth_error outs (N.to_nat k) = Some ps /\ nth_error ps (N.to_nat i) = Some o /\
    outputs_of m sigma theta x k i = peval r (Slp.getP (Slp.vals (fst S)) o) /\ outputs_of m sigma theta' x' k i = peval r (Slp.getP (Slp.vals (snd S)) o)).
  { intros k i n Hn Hi. destruct (Hout k i) as (o & (ps & Hps & Hpo) & Ho & So); [exists n; auto|]. exists ps, o. split; [exact Hps|]. split; [exact Hpo|].
    destruct (Hr o Ho) as [R1 R2]. unfold outputs_of. split.
    - rewrite R1. apply (So sigma Ha x).
    - rewrite R2. rewrite (proj1 (So sigma Ha x')). rewrite (matrix_scalar m g H1 true assumptions sm outs _ theta theta' x' o Es Ho Hmv).
      apply (evalE_reads (reads_rows rows)); [exact Ex|]. apply unroll_reads; [now apply Checks.wf1|exact H3|now apply Checks.wf_out]. }
  intros k n Hn i Hi. destruct (V k i n Hn Hi) as (ps & o & Hps & Hpo & _ & E2). rewrite E2.
  unfold outputs_match in H4. rewrite forallb_forall in H4. specialize (H4 (k, ps) (proj2 (in_numbered _ _ _) Hps)). cbn [fst snd] in H4.
  unfold at_ in H4. rewrite (nth_error_nth _ _ _ Hn) in H4. apply andb_prop in H4 as [Hlen H4]. apply has_length_ok in Hlen.
  rewrite forallb_forall in H4. specialize (H4 (i, o) (proj2 (in_numbered _ _ _) Hpo)). cbn [fst snd] in H4. apply (peqb_ok r) in H4. rewrite H4, psum_ok, map_map.
  rewrite <- Hlen, <- numbered_length, rsum_map. unfold lsum, rsum. f_equal. apply map_ext_in. intros [j q] Hj. apply in_numbered in Hj. cbn [fst snd].
  rewrite pscal_ok, kronecker_q_ok. f_equal. destruct (V k j n Hn) as (ps' & o' & Hps' & Hpo' & E1 & _).
  { assert (N.to_nat j < length ps)%nat by (apply nth_error_Some; congruence). lia. }
  assert (ps' = ps) as -> by congruence. assert (o' = q) as -> by congruence. now symmetry.
Qed.

(** ** Predictors: normal forms on the subspace *)
Definition prediction_poly (leaf : positive -> poly) (f : prediction) : poly :=
  psum (map (fun t => pscal (fst (fst t)) (pmul (fold_right (fun p a => pmul (leaf (N.succ_pos p)) a) (pcst 1) (snd (fst t)))
    (fold_right (fun i a => pmul (Checks.idX (N.succ_pos i)) a) (pcst 1) (snd t)))) f).
Definition check_predictor (m : model) (assumptions : list (text * assumption)) (L : subspace) (predictor : list prediction) : bool :=
  match predictor with
  | [] => true
  | _ =>
    match scalar_model true m assumptions with
    | Some (sm, outs) =>
      let leaf := Checks.subst_leaf (subspace_leaves L) in
      let S := Checks.run1 sm {| Slp.lT := leaf; Slp.lX := Checks.idX |} in
      forallb (fun kif : (N * N) * prediction =>
        match nth_error outs (N.to_nat (fst (fst kif))) with
        | Some ps => match nth_error ps (N.to_nat (snd (fst kif))) with
          | Some o => pis0 (psub (Slp.getP (Slp.vals S) o) (prediction_poly leaf (snd kif))) | None => false end
        | None => false end) (combine (output_pairs m) predictor)
    | None => false
    end
  end.
Lemma fold_product (r : positive -> R) (leaf : positive -> poly) (f : N -> R) l : (forall p, peval r (leaf (N.succ_pos p)) = f p) ->
  peval r (fold_right (fun p a => pmul (leaf (N.succ_pos p)) a) (pcst 1) l) = rprod f l.
Proof.
  intros H. unfold rprod. induction l as [|p l IH]; cbn [fold_right map]; [rewrite pcst_ok; apply Q2R_1|]. now rewrite pmul_ok, H, IH.
Qed.
Theorem check_predictor_sound m assumptions L predictor : check_predictor m assumptions L predictor = true ->
  forall sigma, admissible m assumptions sigma -> predicted_for m predictor L sigma.
Proof.
  unfold check_predictor. intros H sigma Ha k i f Hf theta Hth x. destruct predictor as [|f0 predictor]; [destruct (output_pairs m); easy|].
  destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Es; [|easy]. cbv zeta in H.
  destruct (scalar_model_ok _ _ _ _ _ Es) as (W & Hpar & Hout).
  assert (Hp : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)) by (rewrite Hpar; now apply scalar_par_ok).
  rewrite forallb_forall in H. specialize (H _ Hf). cbn [fst snd] in H.
  assert (Hki : output_entry m k i) by (apply in_output_pairs; eapply in_combine_l, Hf).
  destruct (Hout k i Hki) as (o & (ps & Hps & Hpo) & Ho & So). rewrite Hps, Hpo in H.
  set (leaf := Checks.subst_leaf (subspace_leaves L)) in *. set (L0 := {| Slp.lT := leaf; Slp.lX := Checks.idX |}) in *.
  assert (HL : Checks.leaves_den L0 theta x theta x).
  { intros at_'. split; intros j; cbn [L0 Slp.lT Slp.lX]; [now apply subspace_leaves_ok|]. unfold Checks.idX. now rewrite pvar_ok. }
  assert (K := Checks.run1_val sm L0 (scalar_s m assumptions sigma) Hp W theta x theta x HL o Ho).
  rewrite (proj1 (So sigma Ha x)), <- K. set (r := Checks.rho1 _ _ _ _ _ _) in *. apply (pis0_ok r) in H. rewrite psub_ok in H.
  transitivity (peval r (prediction_poly leaf f)); [unfold L0 in *; lra|].
  unfold prediction_poly, prediction_value. rewrite psum_ok, map_map. unfold lsum, rsum. f_equal. apply map_ext. intros t.
  rewrite pscal_ok, pmul_ok, (fold_product r leaf (entry theta)), (fold_product r Checks.idX (entry x)).
  - ring.
  - intros p. unfold Checks.idX. rewrite pvar_ok. reflexivity.
  - intros p. exact (proj1 (HL _) (N.succ_pos p)).
Qed.
