(** * Reduced networks (kind quotient): on an invariant subspace the network is a smaller one, and so are its gradients. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetries Dynamics.
From SimCert Require Export Sums.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Rows *)
Lemma row_of_ext r u v : (forall p, In p (map fst (r_entries r)) -> entry u p = entry v p) -> row_of r u = row_of r v.
Proof. intros H. unfold row_of. apply rsum_ext. intros e He. rewrite H; [reflexivity|]. now apply in_map. Qed.
Lemma row_of_combination {A} r (c : A -> R) (w : A -> vec) l : row_of r (fun j => rsum (fun a => c a * w a j) l) = rsum (fun a => c a * row_of r (w a)) l.
Proof.
  rewrite (row_of_rsum r (fun a j => c a * w a j)). apply rsum_ext. intros a _. transitivity (row_of r (fun j => c a * w a j + 0 * 0)).
  - unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring.
  - rewrite row_of_lin. ring.
Qed.
Lemma coefficients_rowvec a j : coefficients a j = rowvec (scalar_row a) j.
Proof.
  unfold coefficients, scalar_row, rsum. induction (r_entries a) as [|[p c] l IH]; cbn [map fold_right rowvec fst snd]; [reflexivity|].
  rewrite IH. unfold ebasis. destruct (Pos.eqb j (N.succ_pos p)); ring.
Qed.
(** a row is the sum over all parameters of its coefficients *)
Lemma row_of_all a v n : (forall e, In e (r_entries a) -> (fst e < n)%N) -> row_of a v = rsum (fun p => entry (coefficients a) p * entry v p) (upto n).
Proof.
  intros H. unfold row_of, coefficients. transitivity (rsum (fun e => rsum (fun p => (if N.eqb (fst e) p then 1 else 0) * (Q2R (snd e) * entry v p)) (upto n)) (r_entries a)).
  - apply rsum_ext. intros e He. now rewrite rsum_delta by now apply H.
  - rewrite rsum_swap. apply rsum_ext. intros p _. unfold entry at 2. transitivity (rsum (fun e => entry v p * (if Pos.eqb (N.succ_pos p) (N.succ_pos (fst e)) then Q2R (snd e) else 0)) (r_entries a)).
    + apply rsum_ext. intros e _. destruct (N.eqb_spec (fst e) p) as [->|D]; [rewrite Pos.eqb_refl; ring|].
      destruct (Pos.eqb_spec (N.succ_pos p) (N.succ_pos (fst e))) as [E|_]; [|ring]. exfalso. apply D. symmetry. now apply succ_pos_inj.
    + rewrite rsum_scal. apply Rmult_comm.
Qed.
Lemma tan_combination {A} s th x e (c : A -> R) (w : A -> vec) l : tanE s th x (fun j => rsum (fun a => c a * w a j) l) e = rsum (fun a => c a * tanE s th x (w a) e) l.
Proof.
  induction l as [|a l IH].
  - unfold rsum. cbn [map fold_right]. apply tanE_0.
  - transitivity (tanE s th x (fun j => c a * w a j + 1 * rsum (fun a => c a * w a j) l) e).
    + apply tanE_ext; auto. intros j. unfold rsum. cbn [map fold_right]. ring.
    + rewrite tanE_lin, IH. unfold rsum. cbn [map fold_right]. ring.
Qed.

(** ** The gradient of G(Q theta) along a subspace *)
Section Gradients.
Variables (M P : N) (q : list row) (metric : list Q) (L : subspace).
Hypothesis Hdir : forall p r, In p (upto P) -> In r (s_rows L) -> row_of r (coefficients (form q p)) = 0.
Hypothesis Hmetric : forall p p', In p (upto P) -> In p' (upto P) -> row_of (form q p) (coefficients (form q p')) = if N.eqb p p' then Q2R (at_ metric p 0%Q) else 0.
Hypothesis Hlength : length q = N.to_nat P.
Hypothesis Hrange : forall r e, In r (s_rows L) -> In e (r_entries r) -> (fst e < M)%N.
Hypothesis Hrange' : forall p e, In p (upto P) -> In e (r_entries (form q p)) -> (fst e < M)%N.

Definition linear_image (d : vec) : vec := fun j => row_of (form q (Pos.pred_N j)) d.
Lemma succ_pred j : N.succ_pos (Pos.pred_N j) = j.
Proof. destruct j; try reflexivity. cbn [Pos.pred_N N.succ_pos]. now rewrite Pos.succ_pred_double. Qed.
Lemma pred_succ p : Pos.pred_N (N.succ_pos p) = p.
Proof. apply N.pos_pred_succ. Qed.
Lemma form_beyond p : (P <= p)%N -> form q p = {| r_constant := 0; r_entries := [] |}.
Proof. intros H. unfold form, at_. apply nth_overflow. lia. Qed.
Lemma linear_image_sum d j : linear_image d j = rsum (fun p => row_of (form q p) d * ebasis (N.succ_pos p) j) (upto P).
Proof.
  unfold linear_image. destruct (N.ltb_spec (Pos.pred_N j) P) as [Hp|Hp].
  - rewrite <- (rsum_delta (fun p => row_of (form q p) d) _ _ Hp). apply rsum_ext. intros p _. unfold ebasis.
    destruct (N.eqb_spec (Pos.pred_N j) p) as [E|D].
    + rewrite <- E, succ_pred, Pos.eqb_refl. ring.
    + destruct (Pos.eqb_spec j (N.succ_pos p)) as [E|_]; [|ring]. exfalso. apply D. rewrite E. apply pred_succ.
  - rewrite (form_beyond _ Hp). unfold row_of at 1, rsum at 1. cbn [r_entries map fold_right]. symmetry. apply rsum_zero. intros p Hin. apply in_upto in Hin.
    unfold ebasis. destruct (Pos.eqb_spec j (N.succ_pos p)) as [E|_]; [|ring]. rewrite E, pred_succ in Hp. lia.
Qed.
Lemma image_line theta d t j : image q (fun j => theta j + t * d j) j = image q theta j + t * linear_image d j.
Proof.
  unfold image, linear_image. cbv zeta. transitivity (row_of (form q (Pos.pred_N j)) (fun j => 1 * theta j + t * d j) + Q2R (r_constant (form q (Pos.pred_N j)))).
  - f_equal. unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring.
  - rewrite row_of_lin. ring.
Qed.
Definition direction (d : vec) : Prop := forall r, In r (s_rows L) -> row_of r d = 0.
Lemma line_in theta d t : in_subspace L theta -> direction d -> in_subspace L (fun j => theta j + t * d j).
Proof.
  intros H Hd r Hr. transitivity (row_of r (fun j => 1 * theta j + t * d j)).
  - unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring.
  - rewrite row_of_lin, (H r Hr), (Hd r Hr). ring.
Qed.

Variable s : positive -> bool -> R -> R.
Variable x : vec.
Variables e1 e2 : expr.
Hypothesis Heq : forall theta, in_subspace L theta -> evalE s theta x e1 = evalE s (image q theta) x e2.
Variable theta : vec.
Hypothesis HL : in_subspace L theta.
Hypothesis S1 : smooth_at s theta x e1.
Hypothesis S2 : smooth_at s (image q theta) x e2.
Lemma is_derive_line (a b t : R) : is_derive (fun u => a + u * b) t b.
Proof. auto_derive; [exact I|ring]. Qed.
Lemma tangents d : direction d -> tanE s theta x d e1 = tanE s (image q theta) x (linear_image d) e2.
Proof.
  intros Hd. set (c := fun t (j : positive) => theta j + t * d j).
  assert (D1 : is_derive (fun t => evalE s (c t) x e1) 0 (tanE s (c 0) x d e1)).
  { apply chain_at; [|intros j; apply is_derive_line]. apply (smooth_at_ext s theta); [|exact S1]. intros j. unfold c. ring. }
  set (c2 := fun t (j : positive) => image q theta j + t * linear_image d j).
  assert (D2 : is_derive (fun t => evalE s (c2 t) x e2) 0 (tanE s (c2 0) x (linear_image d) e2)).
  { apply chain_at; [|intros j; apply is_derive_line]. apply (smooth_at_ext s (image q theta)); [|exact S2]. intros j. unfold c2. ring. }
  assert (E : forall t, evalE s (c2 t) x e2 = evalE s (c t) x e1).
  { intros t. rewrite (Heq (c t)) by now apply line_in. apply evalE_ext; [|reflexivity]. intros j. unfold c2, c. symmetry. apply image_line. }
  apply (is_derive_ext _ _ _ _ E) in D2. apply is_derive_unique in D1. apply is_derive_unique in D2.
  rewrite (tanE_ext s theta (c 0) x x d d) by (try reflexivity; intros j; unfold c; ring).
  rewrite (tanE_ext s (image q theta) (c2 0) x x (linear_image d) (linear_image d)) by (try reflexivity; intros j; unfold c2; ring).
  exact (eq_trans (eq_sym D1) D2).
Qed.
Let g1 (p : N) : R := tanE s theta x (ebasis (N.succ_pos p)) e1.
Let g2 (p : N) : R := tanE s (image q theta) x (ebasis (N.succ_pos p)) e2.
Lemma along d : direction d -> tanE s theta x d e1 = rsum (fun p => row_of (form q p) d * g2 p) (upto P).
Proof.
  intros Hd. rewrite (tangents d Hd). rewrite (tanE_ext s (image q theta) (image q theta) x x (linear_image d) (fun j => rsum (fun p => row_of (form q p) d * ebasis (N.succ_pos p) j) (upto P)))
    by (try reflexivity; apply linear_image_sum). now rewrite tan_combination.
Qed.
(** the gradient, moved back: a direction of L like the gradient itself, hence equal to it *)
Theorem gradient_back : (forall r, In r (s_rows L) -> tanE s theta x (rowvec (scalar_row r)) e1 = 0) ->
  forall p, (p < M)%N -> g1 p = rsum (fun p' => entry (coefficients (form q p')) p * g2 p') (upto P).
Proof.
  intros Hinv. set (back := fun p => rsum (fun p' => entry (coefficients (form q p')) p * g2 p') (upto P)).
  set (w := fun j => rsum (fun p => (g1 p - back p) * ebasis (N.succ_pos p) j) (upto M)).
  assert (W : forall p, (p < M)%N -> entry w p = g1 p - back p).
  { intros p Hp. unfold w, entry. rewrite <- (rsum_delta (fun p => g1 p - back p) p M Hp). apply rsum_ext. intros p' _. unfold ebasis.
    destruct (N.eqb_spec p p') as [->|D]; [rewrite Pos.eqb_refl; ring|]. destruct (Pos.eqb_spec (N.succ_pos p) (N.succ_pos p')) as [E|_]; [|ring].
    exfalso. apply D. now apply succ_pos_inj. }
  assert (R1 : forall a, (forall e, In e (r_entries a) -> (fst e < M)%N) ->
    row_of a w = tanE s theta x (rowvec (scalar_row a)) e1 - rsum (fun p' => row_of a (coefficients (form q p')) * g2 p') (upto P)).
  { intros a Ha. transitivity (row_of a (fun j => 1 * g1 (Pos.pred_N j) + (-1) * rsum (fun p' => g2 p' * coefficients (form q p') j) (upto P))).
    - apply row_of_ext. intros p Hp. apply in_map_iff in Hp as (e & <- & He). rewrite W by now apply Ha. unfold entry, back. rewrite pred_succ.
      replace (rsum (fun p' => entry (coefficients (form q p')) (fst e) * g2 p') (upto P)) with (rsum (fun p' => g2 p' * coefficients (form q p') (N.succ_pos (fst e))) (upto P)); [ring|].
      apply rsum_ext. intros p' _. apply Rmult_comm.
    - rewrite row_of_lin, row_of_combination. unfold Rminus. f_equal.
      + rewrite Rmult_1_l. rewrite (tanE_ext s theta theta x x (rowvec (scalar_row a)) (fun j => rsum (fun e => Q2R (snd e) * ebasis (N.succ_pos (fst e)) j) (r_entries a)));
          [|reflexivity|reflexivity|].
        * rewrite tan_combination. unfold row_of. apply rsum_ext. intros e _. unfold entry. now rewrite pred_succ.
        * intros j. unfold scalar_row, rsum. clear. induction (r_entries a) as [|[p c] l IH]; cbn [map rowvec fold_right fst snd]; [reflexivity|]. rewrite IH. ring.
      + transitivity ((-1) * rsum (fun p' => row_of a (coefficients (form q p')) * g2 p') (upto P)); [f_equal|ring].
        apply rsum_ext. intros p' _. apply Rmult_comm. }
  assert (Dw : direction w).
  { intros r Hr. rewrite R1 by (intros e He; now apply (Hrange r)). rewrite (Hinv r Hr), rsum_zero; [ring|]. intros p' Hp'. rewrite (Hdir p' r Hp' Hr). ring. }
  assert (T1 : tanE s theta x w e1 = rsum (fun p => (g1 p - back p) * g1 p) (upto M)) by (unfold w; now rewrite tan_combination).
  assert (T2 : tanE s theta x w e1 = rsum (fun p => (g1 p - back p) * back p) (upto M)).
  { rewrite (along w Dw). transitivity (rsum (fun p' => rsum (fun p => (entry (coefficients (form q p')) p * (g1 p - back p)) * g2 p') (upto M)) (upto P)).
    - apply rsum_ext. intros p' Hp'. rewrite (row_of_all (form q p') w M) by (intros e He; now apply (Hrange' p')).
      rewrite Rmult_comm, <- rsum_scal. apply rsum_ext. intros p Hp. apply in_upto in Hp. rewrite (W p Hp). ring.
    - rewrite rsum_swap. apply rsum_ext. intros p _. unfold back at 3. rewrite <- rsum_scal. apply rsum_ext. intros p' _. ring. }
  intros p Hp. enough (g1 p - back p = 0) by (unfold back in *; lra). apply (rsum_squares (fun p => g1 p - back p) (upto M)); [|now apply in_upto].
  transitivity (rsum (fun p => (g1 p - back p) * g1 p) (upto M) + (-1) * rsum (fun p => (g1 p - back p) * back p) (upto M)).
  - rewrite <- rsum_scal, <- rsum_plus. apply rsum_ext. intros p' _. ring.
  - rewrite <- T1, <- T2. ring.
Qed.
Theorem gradient_forth p : In p (upto P) -> tanE s theta x (rowvec (scalar_row (form q p))) e1 = Q2R (at_ metric p 0%Q) * g2 p.
Proof.
  intros Hp. rewrite (tanE_ext s theta theta x x _ (coefficients (form q p))) by (try reflexivity; intros j; symmetry; apply coefficients_rowvec).
  rewrite along by (intros r Hr; now apply Hdir).
  transitivity (rsum (fun p' => (if N.eqb p p' then 1 else 0) * (Q2R (at_ metric p 0%Q) * g2 p')) (upto P)).
  - apply rsum_ext. intros p' Hp'. rewrite (Hmetric p' p Hp' Hp), (N.eqb_sym p' p). destruct (N.eqb_spec p p') as [->|]; ring.
  - apply in_upto in Hp. now rewrite rsum_delta.
Qed.
End Gradients.
