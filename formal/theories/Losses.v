(** * Losses that the theorem on data is about: the actions on the outputs are orthogonal maps, so the sum of squared errors is one of them. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Bool Lia Lra Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Invariance Equivariance Sums Leaves Risk Kinks.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Definition square_loss (m : model) : loss := fun z y =>
  rsum (fun e => (z (fst e) (snd e) - y (fst e) (snd e)) * (z (fst e) (snd e) - y (fst e) (snd e))) (output_pairs m).

(** ** Orthonormal rows *)
Definition delta (i j : N) : R := if N.eqb i j then 1 else 0.
Definition rows_orthonormal (n : N) (A : N -> N -> R) : Prop :=
  forall i i', (i < n)%N -> (i' < n)%N -> rsum (fun j => A i j * A i' j) (upto n) = delta i i'.
Lemma rsum_product {A B} (f : A -> R) (g : B -> R) l l' : rsum f l * rsum g l' = rsum (fun a => rsum (fun b => f a * g b) l') l.
Proof. rewrite <- rsum_scal_r. apply rsum_ext. intros a _. symmetry. apply rsum_scal. Qed.
Lemma rsum_delta_ext n (f : N -> R) j : (j < n)%N -> rsum (fun k => delta j k * f k) (upto n) = f j.
Proof. apply rsum_delta. Qed.
Section Rows.
Variable n : N.
Variable A : N -> N -> R.
Hypothesis H : rows_orthonormal n A.
Let S (f : N -> R) := rsum f (upto n).
Let gram (j k : N) := S (fun i => A i j * A i k).
Lemma in_sum (f g : N -> R) : (forall i, (i < n)%N -> f i = g i) -> S f = S g.
Proof. intros E. apply rsum_ext. intros i Hi. apply E. now apply in_upto. Qed.
Lemma gram_trace : S (fun j => gram j j) = S (fun _ => 1).
Proof.
  unfold gram, S. rewrite rsum_swap. apply in_sum. intros i Hi. change (S (fun j => A i j * A i j) = 1). unfold S.
  rewrite (H i i Hi Hi). unfold delta. now rewrite N.eqb_refl.
Qed.
Lemma gram_squares : S (fun j => S (fun k => gram j k * gram j k)) = S (fun _ => 1).
Proof.
  transitivity (S (fun i => S (fun i' => S (fun j => A i j * A i' j) * S (fun k => A i k * A i' k)))).
  - transitivity (S (fun j => S (fun k => S (fun i => S (fun i' => (A i j * A i k) * (A i' j * A i' k)))))).
    { apply in_sum. intros j _. apply in_sum. intros k _. apply rsum_product. }
    transitivity (S (fun i => S (fun i' => S (fun j => S (fun k => (A i j * A i k) * (A i' j * A i' k)))))).
    + transitivity (S (fun j => S (fun i => S (fun k => S (fun i' => (A i j * A i k) * (A i' j * A i' k)))))).
      { apply in_sum. intros j _. apply rsum_swap. }
      unfold S at 1 2. rewrite rsum_swap. apply in_sum. intros i _.
      transitivity (S (fun j => S (fun i' => S (fun k => (A i j * A i k) * (A i' j * A i' k))))); [apply in_sum; intros j _; apply rsum_swap|]. apply rsum_swap.
    + apply in_sum. intros i _. apply in_sum. intros i' _. unfold S. rewrite rsum_product. apply in_sum. intros j _. apply in_sum. intros k _. ring.
  - apply in_sum. intros i Hi. transitivity (S (fun i' => delta i i' * delta i i')).
    { apply in_sum. intros i' Hi'. unfold S. now rewrite !(H i i' Hi Hi'). }
    unfold S. rewrite (rsum_delta_ext n (delta i) i Hi). unfold delta. now rewrite N.eqb_refl.
Qed.
Lemma columns_orthonormal j k : (j < n)%N -> (k < n)%N -> gram j k = delta j k.
Proof.
  intros Hj Hk. set (r := fun j k => delta j k - gram j k).
  assert (Z : S (fun j => S (fun k => r j k * r j k)) = 0).
  { transitivity (S (fun j => 1 + (-2) * gram j j + S (fun k => gram j k * gram j k))).
    - apply in_sum. intros i Hi. unfold S, r. 
      rewrite (rsum_ext _ (fun k => delta i k * delta i k + (-2) * (delta i k * gram i k) + gram i k * gram i k)) by (intros; ring).
      rewrite !rsum_plus, rsum_scal, (rsum_delta_ext n (delta i) i Hi), (rsum_delta_ext n (gram i) i Hi). unfold delta. now rewrite N.eqb_refl.
    - unfold S. rewrite !rsum_plus, rsum_scal. change (S (fun _ => 1) + -2 * S (fun j => gram j j) + S (fun j => S (fun k => gram j k * gram j k)) = 0).
      rewrite gram_trace, gram_squares. ring. }
  assert (Zj : S (fun k => r j k * r j k) = 0).
  { assert (P : forall i, 0 <= S (fun k => r i k * r i k)).
    { intros i. apply (Rle_trans _ (rsum (fun _ => 0) (upto n))); [rewrite rsum_zero by reflexivity; lra|]. apply rsum_le. intros a _. exact (Rle_0_sqr (r i a)). }
    assert (Q := rsum_squares (fun i => sqrt (S (fun k => r i k * r i k))) (upto n)). cbv beta in Q.
    rewrite (rsum_ext _ (fun i => S (fun k => r i k * r i k))) in Q by (intros i _; now apply sqrt_sqrt).
    specialize (Q Z j (proj2 (in_upto _ _) Hj)). now apply sqrt_eq_0 in Q. }
  assert (Q := rsum_squares (r j) (upto n) Zj k (proj2 (in_upto _ _) Hk)). unfold r in Q. lra.
Qed.
Theorem rows_isometry f : S (fun i => S (fun j => A i j * f j) * S (fun j => A i j * f j)) = S (fun j => f j * f j).
Proof.
  transitivity (S (fun j => S (fun k => f j * f k * gram j k))).
  - transitivity (S (fun i => S (fun j => S (fun k => f j * f k * (A i j * A i k))))).
    { apply in_sum. intros i _. unfold S. rewrite rsum_product. apply in_sum. intros j _. apply in_sum. intros k _. ring. }
    unfold S at 1 2. rewrite rsum_swap. apply in_sum. intros j _. change (S (fun i => S (fun k => f j * f k * (A i j * A i k))) = S (fun k => f j * f k * gram j k)).
    unfold S at 1 2. rewrite rsum_swap. apply in_sum. intros k _. apply rsum_scal.
  - apply in_sum. intros j Hj. transitivity (S (fun k => delta j k * (f j * f k))).
    { apply in_sum. intros k Hk. rewrite columns_orthonormal by assumption. ring. }
    exact (rsum_delta_ext n (fun k => f j * f k) j Hj).
Qed.
End Rows.

(** ** Actions and their Kronecker products have orthonormal rows *)
Lemma delta_sym i j : delta i j = delta j i.
Proof. unfold delta. now rewrite N.eqb_sym. Qed.
Lemma qdot_list_ok a : forall b, length a = length b -> Q2R (qdot_list a b) = rsum (fun j => Q2R (at_ a j 0%Q) * Q2R (at_ b j 0%Q)) (upto (N.of_nat (length a))).
Proof.
  induction a as [|x a IH]; intros [|y b] L; try easy; [apply Q2R_0|]. cbn [qdot_list]. rewrite qadd_ok, qmul_ok, IH by (injection L; auto).
  cbn [length]. replace (N.of_nat (S (length a))) with (1 + N.of_nat (length a))%N by lia. rewrite upto_add, rsum_app, rsum_map.
  change (upto 1) with [0%N]. unfold rsum at 2. cbn [map fold_right]. rewrite Rplus_0_r. f_equal. apply rsum_ext. intros j _. unfold at_.
  now replace (N.to_nat (1 + j)) with (S (N.to_nat j)) by lia.
Qed.
Lemma orthogonal_rows rows : orthogonal rows = true -> (forall r, In r rows -> length r = length rows) ->
  rows_orthonormal (N.of_nat (length rows)) (fun i j => Q2R (at_ (at_ rows i []) j 0%Q)).
Proof.
  intros Ho Hl. set (n := N.of_nat (length rows)).
  assert (E : forall i, (i < n)%N -> exists r, nth_error rows (N.to_nat i) = Some r /\ at_ rows i [] = r /\ length r = length rows).
  { intros i Hi. destruct (nth_error rows (N.to_nat i)) as [r|] eqn:E; [|apply nth_error_None in E; lia]. exists r. unfold at_. rewrite (nth_error_nth _ _ _ E).
    repeat split. apply Hl. eapply nth_error_In, E. }
  assert (D : forall k k' r r', nth_error rows k = Some r -> nth_error rows k' = Some r' -> (k <= k')%nat -> Q2R (qdot_list r r') = if Nat.eqb k k' then 1 else 0).
  { clear -Ho. unfold orthogonal in Ho. induction rows as [|a rows IH]; intros [|k] [|k'] r r'; cbn [nth_error]; try easy; try lia.
    - apply andb_prop in Ho as [[H1 _]%andb_prop _]. intros [= <-] [= <-] _. apply qeqb_ok in H1. now rewrite H1, Q2R_1.
    - apply andb_prop in Ho as [[_ H2]%andb_prop _]. intros [= <-] Hr _. rewrite forallb_forall in H2. cbn [Nat.eqb]. apply qzero_ok, H2. eapply nth_error_In, Hr.
    - apply andb_prop in Ho as [_ H3]. intros Hr Hr' Hle. cbn [Nat.eqb]. apply (IH H3); auto. lia. }
  assert (G : forall i i', (i < n)%N -> (i' < n)%N -> (i <= i')%N -> rsum (fun j => Q2R (at_ (at_ rows i []) j 0%Q) * Q2R (at_ (at_ rows i' []) j 0%Q)) (upto n) = delta i i').
  { intros i i' Hi Hi' Hle. destruct (E i Hi) as (r & R1 & R2 & R3). destruct (E i' Hi') as (r' & R1' & R2' & R3'). rewrite R2, R2'. unfold n. rewrite <- R3.
    rewrite <- qdot_list_ok by congruence. rewrite (D _ _ _ _ R1 R1') by lia. unfold delta.
    destruct (Nat.eqb_spec (N.to_nat i) (N.to_nat i')), (N.eqb_spec i i'); try reflexivity; exfalso; lia. }
  intros i i' Hi Hi'. destruct (N.le_ge_cases i i') as [Hle|Hle]; [now apply G|].
  rewrite delta_sym, <- (G i' i Hi' Hi Hle). apply rsum_ext. intros j _. ring.
Qed.
Definition axis_orthogonal (n : N) (o : option action) : Prop := match o with Some a => action_ok a = true /\ action_size a = n | None => True end.
Lemma axis_rows n o : axis_orthogonal n o -> rows_orthonormal n (action_entry o).
Proof.
  destruct o as [[p s|rows]|]; cbn [axis_orthogonal action_ok action_size]; [intros [H L]|intros [H L]|intros _].
  - apply andb_prop in H as [[H1 _]%andb_prop _]. apply permutation_ok_spec in H1. rewrite length_n_ok in L. rewrite L in H1.
    assert (ND : NoDup p) by (eapply Permutation_NoDup; [symmetry; exact H1|apply upto_nodup]).
    assert (B : forall i, (i < n)%N -> (at_ p i 0 < n)%N).
    { intros i Hi. apply in_upto. eapply Permutation_in; [exact H1|]. unfold at_. apply nth_In. lia. }
    intros i i' Hi Hi'. cbn [action_entry].
    set (e := if at_ s i false then -1 else 1). set (e' := if at_ s i' false then -1 else 1).
    rewrite (rsum_single (fun j => if N.eqb (at_ p i' 0%N) j then e' else 0) e (at_ p i 0%N) n (B i Hi)). unfold delta.
    destruct (N.eqb_spec i i') as [->|D].
    + rewrite N.eqb_refl. unfold e, e'. destruct (at_ s i' false); ring.
    + destruct (N.eqb_spec (at_ p i' 0%N) (at_ p i 0%N)) as [E|_]; [|ring]. exfalso. apply D.
      unfold at_ in E. apply (proj1 (NoDup_nth p 0%N) ND) in E; lia.
  - apply andb_prop in H as [[_ H2]%andb_prop H3]. rewrite length_n_ok in *. rewrite <- L. apply orthogonal_rows; [exact H3|].
    intros r Hr. rewrite forallb_forall in H2. specialize (H2 r Hr). apply has_length_ok in H2. lia.
  - intros i i' Hi Hi'. rewrite <- (delta_sym i' i). exact (rsum_delta_ext n (fun j => delta i' j) i Hi).
Qed.
Lemma rsum_upto_mul (f : N -> R) n b : rsum f (upto (n * b)) = rsum (fun o => rsum (fun i => f (o * b + i)%N) (upto b)) (upto n).
Proof.
  rewrite <- upto_mul. induction (upto n) as [|o l IH]; cbn [flat_map]; [reflexivity|]. rewrite rsum_app, rsum_map, IH. reflexivity.
Qed.
Lemma kronecker_rows : forall shape acts, Forall2 axis_orthogonal shape acts -> rows_orthonormal (size shape) (kronecker shape acts).
Proof.
  induction 1 as [|n o s acts Ho H IH].
  - intros i i' Hi Hi'. change (size []) with 1%N in *. assert (i = 0%N) as -> by lia. assert (i' = 0%N) as -> by lia.
    change (upto 1) with [0%N]. unfold rsum, delta. cbn [map fold_right kronecker N.eqb]. ring.
  - change (size (n :: s)) with (n * size s)%N. set (b := size s) in *. intros i i' Hi Hi'. assert (Hb : (b <> 0)%N) by nia.
    assert (Dv : forall j1 j2, (j2 < b)%N -> ((j1 * b + j2) / b = j1)%N /\ ((j1 * b + j2) mod b = j2)%N).
    { intros j1 j2 Hj. split.
      - rewrite N.add_comm, N.div_add by exact Hb. rewrite N.div_small by exact Hj. lia.
      - rewrite N.add_comm, N.mod_add by exact Hb. now apply N.mod_small. }
    assert (Di : forall i, (i < n * b)%N -> (i / b < n)%N /\ (i mod b < b)%N).
    { intros k Hk. split; [apply N.div_lt_upper_bound; [exact Hb|lia]|now apply N.mod_lt]. }
    destruct (Di i Hi) as [I1 I2]. destruct (Di i' Hi') as [I1' I2']. rewrite rsum_upto_mul.
    transitivity (rsum (fun j => action_entry o (i / b) j * action_entry o (i' / b) j) (upto n) * rsum (fun j => kronecker s acts (i mod b) j * kronecker s acts (i' mod b) j) (upto b)).
    + rewrite rsum_product. apply rsum_ext. intros j1 _. apply rsum_ext. intros j2 Hj2. apply in_upto in Hj2. destruct (Dv j1 j2 Hj2) as [D1 D2].
      cbn [kronecker]. fold b. rewrite D1, D2. ring.
    + rewrite (axis_rows n o Ho _ _ I1 I1'), (IH _ _ I2 I2'). unfold delta.
      destruct (N.eqb_spec i i') as [->|D]; [rewrite !N.eqb_refl; ring|].
      destruct (N.eqb_spec (i / b) (i' / b)) as [E1|]; [|ring]. destruct (N.eqb_spec (i mod b) (i' mod b)) as [E2|]; [|ring]. exfalso. apply D.
      rewrite (N.div_mod' i b), (N.div_mod' i' b). congruence.
Qed.

(** ** Squared errors *)
Theorem square_loss_differentiable m : differentiable_loss m (square_loss m).
Proof.
  intros z y. exists (fun e => 2 * (z (fst e) (snd e) - y (fst e) (snd e))). intros eps Heps. exists eps. split; [exact Heps|]. intros z' Hz.
  unfold square_loss. set (l := output_pairs m) in *.
  replace (rsum (fun e => (z' (fst e) (snd e) - y (fst e) (snd e)) * (z' (fst e) (snd e) - y (fst e) (snd e))) l
    - rsum (fun e => (z (fst e) (snd e) - y (fst e) (snd e)) * (z (fst e) (snd e) - y (fst e) (snd e))) l
    - rsum (fun e => 2 * (z (fst e) (snd e) - y (fst e) (snd e)) * (z' (fst e) (snd e) - z (fst e) (snd e))) l)
    with (rsum (fun e => (z' (fst e) (snd e) - z (fst e) (snd e)) * (z' (fst e) (snd e) - z (fst e) (snd e))) l).
  2:{ clear Hz. induction l as [|e l IH]; unfold rsum in *; cbn [map fold_right]; [ring|]. rewrite IH. ring. }
  assert (Hz' : forall e, In e l -> Rabs (z' (fst e) (snd e) - z (fst e) (snd e)) <= eps) by (intros [k i] He; now apply Hz). clear Hz.
  rewrite <- rsum_scal. induction l as [|e l IH]; unfold rsum in *; cbn [map fold_right]; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; [|apply IH; intros; apply Hz'; now right].
  rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. apply Hz'. now left.
Qed.
Lemma moved_distance m g : Forall (fun o => Forall2 axis_orthogonal (shape_at m o) (actions_at (g_actions g) (g_nodes g) (shape_at m o) o)) (m_outputs m) ->
  forall z z' y y', moves_output m g z z' -> moves_output m g y y' -> square_loss m z' y' = square_loss m z y.
Proof.
  intros H z z' y y' Hz Hy. unfold square_loss, output_pairs.
  assert (C : forall (f : N * N -> R) (sz : N -> N) ks, rsum f (List.concat (map (fun k => map (fun i => (k, i)) (upto (sz k))) ks)) = rsum (fun k => rsum (fun i => f (k, i)) (upto (sz k))) ks).
  { intros f sz ks. induction ks as [|k ks IH]; cbn [map List.concat]; [reflexivity|]. rewrite rsum_app, IH, rsum_map. reflexivity. }
  rewrite !(C _ (fun k => size (shape_at m (at_ (m_outputs m) k 0%N)))). apply rsum_ext. intros k Hk. apply in_upto in Hk. cbn [fst snd].
  destruct (nth_error (m_outputs m) (N.to_nat k)) as [o|] eqn:Eo; [|apply nth_error_None in Eo; lia].
  assert (E : at_ (m_outputs m) k 0%N = o) by (unfold at_; now apply nth_error_nth). rewrite E. rewrite Forall_forall in H. specialize (H o (nth_error_In _ _ Eo)).
  rewrite <- (rows_isometry (size (shape_at m o)) _ (kronecker_rows _ _ H) (fun i => z k i - y k i)).
  apply rsum_ext. intros i Hi. apply in_upto in Hi. rewrite (Hz k o Eo i Hi), (Hy k o Eo i Hi).
  set (K := kronecker _ _ i). assert (D : rsum (fun j => K j * z k j) (upto (size (shape_at m o))) - rsum (fun j => K j * y k j) (upto (size (shape_at m o)))
    = rsum (fun j => K j * (z k j - y k j)) (upto (size (shape_at m o)))).
  { rewrite (rsum_ext (fun j => K j * (z k j - y k j)) (fun j => K j * z k j + (-1) * (K j * y k j))) by (intros; ring). rewrite rsum_plus, rsum_scal. ring. }
  now rewrite D.
Qed.
(** a well-formed generator acts on the outputs by orthogonal maps *)
Lemma shape_table_ok : forall l k sh i, (forall n, nth_error l (Pos.to_nat i - Pos.to_nat k) = Some n -> (k <= i)%positive -> PM.find i (shape_table l k sh) = Some (shape_of n)) /\
  ((i < k)%positive -> PM.find i (shape_table l k sh) = PM.find i sh).
Proof.
  induction l as [|a l IH]; intros k sh i; cbn [shape_table]; (split; [|intros Hi]).
  - intros n Hn. destruct (_ - _)%nat; discriminate.
  - reflexivity.
  - intros n Hn Hle. destruct (Pos.eq_dec i k) as [->|D].
    + rewrite (proj2 (IH (Pos.succ k) _ k)) by lia. rewrite PM.gss. rewrite Nat.sub_diag in Hn. cbn in Hn. now injection Hn as ->.
    + apply (proj1 (IH (Pos.succ k) _ i)); [|lia].
      replace (Pos.to_nat i - Pos.to_nat k)%nat with (S (Pos.to_nat i - Pos.to_nat (Pos.succ k))) in Hn by lia. exact Hn.
  - rewrite (proj2 (IH (Pos.succ k) _ i)) by lia. rewrite PM.gso by lia. reflexivity.
Qed.
Lemma known_shape_at m o s : known_shape (model_shapes m) o = Some s -> (N.to_nat o < length (m_nodes m))%nat -> s = shape_at m o.
Proof.
  unfold known_shape, model_shapes. intros H Hb. destruct (nth_error (m_nodes m) (N.to_nat o)) as [n|] eqn:E; [|apply nth_error_None in E; lia].
  rewrite (proj1 (shape_table_ok (m_nodes m) 1 _ (N.succ_pos o)) n) in H; [|replace (Pos.to_nat (N.succ_pos o) - Pos.to_nat 1)%nat with (N.to_nat o) by (destruct o; simpl; lia); exact E|lia].
  injection H as <-. unfold shape_at, node_at, at_. now rewrite (nth_error_nth _ _ _ E).
Qed.
Lemma find_n_in {A} k (l : list (N * A)) a : find_n k l = Some a -> In (k, a) l.
Proof. induction l as [|[n b] l IH]; cbn [find_n]; [easy|]. destruct (N.eqb_spec k n) as [->|]; [intros [= ->]; now left|intros H; right; auto]. Qed.
Lemma generator_orthogonal m g o : data_generator_ok m g = true -> (N.to_nat o < length (m_nodes m))%nat ->
  Forall2 axis_orthogonal (shape_at m o) (actions_at (g_actions g) (g_nodes g) (shape_at m o) o).
Proof.
  intros H Hb. unfold data_generator_ok in H. apply andb_prop in H as [H1 H2]. unfold node_actions_ok in H2. apply andb_prop in H2 as [_ H2]. rewrite forallb_forall in H1, H2.
  unfold actions_at. destruct (find_n o (g_nodes g)) as [acts|] eqn:E.
  - specialize (H2 _ (find_n_in _ _ _ E)). cbn [fst snd] in H2. destruct (known_shape (model_shapes m) o) as [s|] eqn:Es; [|easy].
    apply andb_prop in H2 as [H2 _]. rewrite <- (known_shape_at m o s Es Hb). apply same_list_ok in H2. clear -H1 H2.
    induction H2 as [|a n acts s Ha H2 IH]; cbn [map]; constructor; [|exact IH]. destruct a as [j|]; [|exact I].
    destruct (nth_error (g_actions g) (N.to_nat j)) as [a|] eqn:Ej; [|exact I]. apply N.eqb_eq in Ha. split; [|exact Ha]. apply H1. eapply nth_error_In, Ej.
  - clear. induction (shape_at m o) as [|n s IH]; cbn [map]; constructor; [exact I|exact IH].
Qed.
Theorem square_loss_symmetric m gs : forallb (data_generator_ok m) gs = true -> forallb (fun o => N.ltb o (length_n (m_nodes m))) (m_outputs m) = true ->
  symmetric_loss m gs (square_loss m).
Proof.
  intros H Ho g Hg z z' y y' Hz Hy. apply (moved_distance m g); [|exact Hz|exact Hy]. apply Forall_forall. intros o Hin.
  rewrite forallb_forall in H, Ho. apply generator_orthogonal; [now apply H|]. specialize (Ho o Hin). apply N.ltb_lt in Ho. rewrite length_n_ok in Ho. lia.
Qed.
