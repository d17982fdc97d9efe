(** * What a reduced network means for training: on the subspace, descent and gradient flows are those of the small network for the metric.

    The definitions up to [orthogonal] are SPECIFICATION. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Bool Lia Lra FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Invariance Equivariance Dynamics Quotient Reduction Check.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** an input, and the derivative of its loss by every output entry as a function of the outputs (0 where there is no entry): the same loss for both networks *)
Definition loss := (vec * (N * N -> (N * N -> R) -> R))%type.
Definition outputs_at (m : model) (sigma : text -> R -> R) (x theta : vec) : N * N -> R := fun e =>
  if existsb (fun e' => N.eqb (fst e) (fst e') && N.eqb (snd e) (snd e'))%bool (output_entries m) then F m sigma x (fst e) (snd e) theta else 0.
Definition samples_of (m : model) (sigma : text -> R -> R) (data : list loss) : list sample :=
  map (fun d => {| s_input := fst d; s_slope := fun e theta => snd d e (outputs_at m sigma (fst d) theta) |}) data.
(** a linear combination of the parameters, orthogonal to the rows of the linear part of the map *)
Definition combination (m : model) (w theta : vec) : R := rsum (fun p => entry w p * entry theta p) (upto (dimension m)).
Definition orthogonal (m small : model) (q : list row) (w : vec) : Prop := forall p, In p (upto (dimension small)) -> combination m w (coefficients (form q p)) = 0.

Section Reduced.
Variables m small : model.
Variable q : list row.
Variable metric : list Q.
Variable L : subspace.
Variable sigma : text -> R -> R.
Hypothesis H : quotient_for m q metric small L sigma.
Hypothesis Hout : output_entries m = output_entries small.
Variable data : list loss.
Let big := samples_of m sigma data.
Let little := samples_of small sigma data.
Variable theta : vec.
Hypothesis HL : in_subspace L theta.
Hypothesis Hbig : all_regular m sigma big theta.
Hypothesis Hlittle : all_regular small sigma little (image q theta).

Lemma outputs_equal x : outputs_at m sigma x theta = outputs_at small sigma x (image q theta).
Proof.
  apply functional_extensionality. intros [k i]. unfold outputs_at. rewrite <- Hout. destruct (existsb _ (output_entries m)) eqn:E; [|reflexivity].
  apply existsb_exists in E as ([k' i'] & Hin & E). cbn [fst snd] in *. apply andb_prop in E as [E1 E2]. apply N.eqb_eq in E1, E2. subst k' i'.
  destruct H as (_ & _ & HF & _). apply HF; [exact HL|]. now apply in_output_entries.
Qed.
Lemma gradient_sum (c : N -> R) (l : list N) (g : N * N -> vec -> R) :
  (forall d e, In d data -> In e (output_entries m) -> rsum (fun p => c p * partial_p (F m sigma (fst d) (fst e) (snd e)) p theta) l = g e (fst d)) ->
  rsum (fun p => c p * loss_gradient m sigma big theta (N.succ_pos p)) l =
  rsum (fun d => rsum (fun e => snd d e (outputs_at small sigma (fst d) (image q theta)) * g e (fst d)) (output_entries small)) data.
Proof.
  intros Hg. transitivity (rsum (fun d => rsum (fun e => rsum (fun p => c p * (snd d e (outputs_at m sigma (fst d) theta) * partial_p (F m sigma (fst d) (fst e) (snd e)) p theta)) l) (output_entries m)) data).
  - transitivity (rsum (fun p => rsum (fun d => rsum (fun e => c p * (snd d e (outputs_at m sigma (fst d) theta) * partial_p (F m sigma (fst d) (fst e) (snd e)) p theta)) (output_entries m)) data) l).
    + apply rsum_ext. intros p _. unfold loss_gradient, big, samples_of. rewrite rsum_map. cbn [s_input s_slope]. rewrite <- rsum_scal. apply rsum_ext. intros d _.
      rewrite <- rsum_scal. reflexivity.
    + rewrite rsum_swap. apply rsum_ext. intros d _. apply rsum_swap.
  - rewrite <- Hout. apply rsum_ext. intros d Hd. apply rsum_ext. intros e He. rewrite <- (Hg d e Hd He), <- outputs_equal, <- rsum_scal. apply rsum_ext. intros p _. ring.
Qed.
Lemma sample_regular d : In d data -> regular m sigma theta (fst d) /\ regular small sigma (image q theta) (fst d).
Proof.
  intros Hd. split; [apply (Hbig {| s_input := fst d; s_slope := fun e theta => snd d e (outputs_at m sigma (fst d) theta) |})
    |apply (Hlittle {| s_input := fst d; s_slope := fun e theta => snd d e (outputs_at small sigma (fst d) theta) |})]; unfold big, little, samples_of; apply in_map_iff; eauto.
Qed.

(** A times the gradient of the loss is diag(metric) times the gradient of the loss of the small network. *)
Theorem loss_forth p : In p (upto (dimension small)) ->
  row_of (form q p) (loss_gradient m sigma big theta) = Q2R (at_ metric p 0%Q) * loss_gradient small sigma little (image q theta) (N.succ_pos p).
Proof.
  intros Hp. destruct H as (_ & _ & _ & _ & _ & _ & HG).
  transitivity (rsum (fun d => rsum (fun e => snd d e (outputs_at small sigma (fst d) (image q theta)) *
    (Q2R (at_ metric p 0%Q) * partial_p (F small sigma (fst d) (fst e) (snd e)) p (image q theta))) (output_entries small)) data).
  - unfold row_of. set (es := r_entries (form q p)).
    transitivity (rsum (fun d => rsum (fun e => rsum (fun a => Q2R (snd a) * (snd d e (outputs_at m sigma (fst d) theta) * partial_p (F m sigma (fst d) (fst e) (snd e)) (fst a) theta)) es) (output_entries m)) data).
    + transitivity (rsum (fun a => rsum (fun d => rsum (fun e => Q2R (snd a) * (snd d e (outputs_at m sigma (fst d) theta) * partial_p (F m sigma (fst d) (fst e) (snd e)) (fst a) theta)) (output_entries m)) data) es).
      * apply rsum_ext. intros a _. unfold entry, loss_gradient, big, samples_of. rewrite rsum_map. cbn [s_input s_slope]. rewrite <- rsum_scal. apply rsum_ext. intros d _.
        rewrite <- rsum_scal. reflexivity.
      * rewrite rsum_swap. apply rsum_ext. intros d _. apply rsum_swap.
    + rewrite <- Hout. apply rsum_ext. intros d Hd. apply rsum_ext. intros [k i] He. cbn [fst snd].
      destruct (sample_regular d Hd) as [R1 R2]. destruct (HG theta HL (fst d) R1 R2 k i (in_output_entries m k i He)) as (_ & _ & K). rewrite <- (K p Hp).
      rewrite <- outputs_equal. unfold row_gradient. rewrite <- rsum_scal. apply rsum_ext. intros a _. ring.
  - unfold loss_gradient, little, samples_of. rewrite rsum_map. cbn [s_input s_slope]. rewrite <- rsum_scal. apply rsum_ext. intros d _. rewrite <- rsum_scal.
    apply rsum_ext. intros e _. unfold partial_p. ring.
Qed.
(** what is orthogonal to the rows of A does not see the gradient of a loss *)
Theorem loss_orthogonal w : orthogonal m small q w -> combination m w (loss_gradient m sigma big theta) = 0.
Proof.
  intros Hw. destruct H as (_ & _ & _ & _ & _ & _ & HG). 
  transitivity (rsum (fun p => entry w p * loss_gradient m sigma big theta (N.succ_pos p)) (upto (dimension m))); [reflexivity|].
  rewrite (gradient_sum (entry w) (upto (dimension m)) (fun _ _ => 0)).
  - apply rsum_zero. intros d _. apply rsum_zero. intros e _. ring.
  - intros d [k i] Hd He. cbn [fst snd]. destruct (sample_regular d Hd) as [R1 R2]. destruct (HG theta HL (fst d) R1 R2 k i (in_output_entries m k i He)) as (_ & K & _).
    transitivity (rsum (fun p' => rsum (fun p => entry w p * (entry (coefficients (form q p')) p * partial_p (F small sigma (fst d) k i) p' (image q theta))) (upto (dimension m))) (upto (dimension small))).
    + rewrite rsum_swap. apply rsum_ext. intros p Hp. apply in_upto in Hp. rewrite (K p Hp), <- rsum_scal. reflexivity.
    + apply rsum_zero. intros p' Hp'. specialize (Hw p' Hp'). unfold combination in Hw.
      transitivity (partial_p (F small sigma (fst d) k i) p' (image q theta) * rsum (fun p => entry w p * entry (coefficients (form q p')) p) (upto (dimension m))); [|rewrite Hw; ring].
      rewrite <- rsum_scal. apply rsum_ext. intros p _. ring.
Qed.
(** A step of gradient descent in L is, for v = Q theta, the step v - eta diag(metric) grad; orthogonal combinations stay. *)
Theorem reduced_step eta p : In p (upto (dimension small)) ->
  entry (image q (fun j => theta j - eta * loss_gradient m sigma big theta j)) p =
  entry (image q theta) p - eta * (Q2R (at_ metric p 0%Q) * loss_gradient small sigma little (image q theta) (N.succ_pos p)).
Proof.
  intros Hp. rewrite <- (loss_forth p Hp). set (g := loss_gradient m sigma big theta).
  replace (fun j => theta j - eta * g j) with (fun j => theta j + (- eta) * g j) by (apply functional_extensionality; intros j; ring).
  unfold entry at 1. rewrite image_line. unfold linear_image. rewrite pred_succ. unfold entry. ring.
Qed.
Theorem orthogonal_step eta w : orthogonal m small q w -> combination m w (fun j => theta j - eta * loss_gradient m sigma big theta j) = combination m w theta.
Proof.
  intros Hw. transitivity (combination m w theta + (- eta) * combination m w (loss_gradient m sigma big theta)); [|rewrite (loss_orthogonal w Hw); ring].
  unfold combination. rewrite <- rsum_scal, <- rsum_plus. apply rsum_ext. intros p _. unfold entry. ring.
Qed.
End Reduced.

(** Along a solution of the gradient flow in L, v = Q theta satisfies v' = - diag(metric) grad of the loss of the small network; in the coordinates v_p / sqrt(metric_p) this is
    the Euclidean flow; orthogonal combinations are constant. *)
Theorem reduced_flow m small q metric L sigma data T theta : quotient_for m q metric small L sigma -> output_entries m = output_entries small ->
  follows_flow m sigma (samples_of m sigma data) T theta ->
  (forall t, 0 <= t <= T -> in_subspace L (theta t) /\ all_regular m sigma (samples_of m sigma data) (theta t) /\ all_regular small sigma (samples_of small sigma data) (image q (theta t))) ->
  (forall t p, 0 <= t <= T -> In p (upto (dimension small)) ->
     let slope := loss_gradient small sigma (samples_of small sigma data) (image q (theta t)) (N.succ_pos p) in
     is_derive (fun t => entry (image q (theta t)) p) t (- (Q2R (at_ metric p 0%Q) * slope)) /\
     (0 < Q2R (at_ metric p 0%Q) -> is_derive (fun t => entry (image q (theta t)) p / sqrt (Q2R (at_ metric p 0%Q))) t (- (sqrt (Q2R (at_ metric p 0%Q)) * slope)))) /\
  (forall w, orthogonal m small q w -> forall t, 0 <= t <= T -> combination m w (theta t) = combination m w (theta 0)).
Proof.
  intros H Hout Hflow Hin. split.
  - intros t p Ht Hp slope. destruct (Hin t Ht) as (HL & R1 & R2). assert (K := loss_forth m small q metric L sigma H Hout data (theta t) HL R1 R2 p Hp).
    assert (D : is_derive (fun t => entry (image q (theta t)) p) t (- (Q2R (at_ metric p 0%Q) * slope))).
    { unfold slope. rewrite <- K. unfold entry, image. cbv zeta. rewrite pred_succ.
      apply (is_derive_ext (fun t => plus (dot (scalar_row (form q p)) (theta t)) (Q2R (r_constant (form q p))))).
      - intros u. now rewrite dot_row_of.
      - replace (- row_of (form q p) (loss_gradient m sigma (samples_of m sigma data) (theta t)))
          with (plus (dot (scalar_row (form q p)) (fun j => - loss_gradient m sigma (samples_of m sigma data) (theta t) j)) 0).
        + apply @is_derive_plus; [|apply @is_derive_const]. apply Flow.is_derive_dot. intros j. now apply Hflow.
        + rewrite (dot_ext _ _ (fun j => (-1) * loss_gradient m sigma (samples_of m sigma data) (theta t) j)) by (intros j; ring).
          rewrite Flow.dot_scal, dot_row_of. unfold plus; simpl. ring. }
    split; [exact D|]. intros Hpos. set (c := Q2R (at_ metric p 0%Q)) in *. assert (Hs : 0 < sqrt c) by now apply sqrt_lt_R0.
    replace (- (sqrt c * slope)) with (scal (/ sqrt c) (- (c * slope))).
    + apply (is_derive_ext (fun t => scal (/ sqrt c) (entry (image q (theta t)) p))); [intros u; unfold scal; simpl; unfold mult; simpl; unfold Rdiv; ring|].
      now apply @is_derive_scal.
    + unfold scal; simpl; unfold mult; simpl. rewrite <- (sqrt_sqrt c) at 2 by lra. field. lra.
  - intros w Hw t Ht. destruct (Req_dec t 0) as [->|Hne]; [reflexivity|].
    assert (D : forall u, 0 <= u <= T -> is_derive (fun t => combination m w (theta t)) u 0).
    { intros u Hu. destruct (Hin u Hu) as (HL & R1 & R2). assert (Z := loss_orthogonal m small q metric L sigma H Hout data (theta u) HL R1 R2 w Hw).
      replace 0 with (rsum (fun p => entry w p * - loss_gradient m sigma (samples_of m sigma data) (theta u) (N.succ_pos p)) (upto (dimension m))).
      - unfold combination. generalize (upto (dimension m)) as l. induction l as [|p l IH]; unfold rsum in *; cbn [map fold_right]; [apply @is_derive_const|].
        apply @is_derive_plus; [|exact IH]. apply (is_derive_scal (fun t => entry (theta t) p)). now apply Hflow.
      - transitivity ((-1) * combination m w (loss_gradient m sigma (samples_of m sigma data) (theta u))); [|rewrite Z; ring].
        unfold combination. rewrite <- rsum_scal. apply rsum_ext. intros p _. unfold entry. ring. }
    destruct (MVT_gen (fun t => combination m w (theta t)) 0 t (fun _ => 0)) as (c & _ & E).
    + intros u Hu. rewrite Rmin_left, Rmax_right in Hu by lra. apply D. lra.
    + intros u Hu. rewrite Rmin_left, Rmax_right in Hu by lra. apply continuity_pt_filterlim. apply (ex_derive_continuous (fun t => combination m w (theta t))). eexists. apply D. lra.
    + lra.
Qed.

(** ** From the bytes of a file *)
Lemma same_entries m small : Forall2 (fun a b => same_shape (shape_at small a) (shape_at m b) = true) (m_outputs small) (m_outputs m) -> output_entries m = output_entries small.
Proof.
  unfold output_entries, numbered. generalize 0%N as z. intros z H. revert z. induction H as [|a b l l' E H IH]; intros z; cbn [number_from flat_map]; [reflexivity|].
  cbn [fst snd]. rewrite (IH (N.succ z)). apply same_shape_ok in E. now rewrite E.
Qed.
Theorem verified_reduced t : check_text t = Verified -> exists c, t = print_certificate c /\
  forall q metric small L, c_claim c = Quotient q metric small L ->
  output_entries (c_model c) = output_entries small /\ (forall p, In p (upto (dimension small)) -> 0 < Q2R (at_ metric p 0%Q)) /\
  forall sigma, admissible (c_model c) (c_assumptions c) sigma -> quotient_for (c_model c) q metric small L sigma.
Proof.
  intros H. destruct (check_text_sound t H) as (c & Ht & Hok & Hc). exists c. split; [exact Ht|]. intros q metric small L E. rewrite E in Hc.
  assert (R : reduction_ok (c_model c) q metric small = true).
  { unfold certificate_ok in Hok. apply andb_prop in Hok as [[_ Hok]%andb_prop _]. rewrite E in Hok. cbn [claim_ok] in Hok. now apply andb_prop in Hok as [Hok _]. }
  unfold reduction_ok in R. apply andb_prop in R as [[[[[[[_ _]%andb_prop Houts]%andb_prop _]%andb_prop _]%andb_prop Hmetric]%andb_prop _]%andb_prop Hpos].
  split; [now apply same_entries, same_list_ok|]. split; [|exact Hc]. intros p Hp. apply in_upto in Hp. apply has_length_ok in Hmetric.
  rewrite forallb_forall in Hpos. specialize (Hpos (at_ metric p 0%Q)). assert (Hin : In (at_ metric p 0%Q) metric) by (apply nth_In; lia).
  specialize (Hpos Hin). apply Z.ltb_lt in Hpos. unfold Q2R. apply Rmult_lt_0_compat; [now apply IZR_lt|]. apply Rinv_0_lt_compat, IZR_lt. reflexivity.
Qed.
