(** * Gram matrices: A = UUᵀ is determined by A² − λA, by elementary means

    [gram_unique]: for λ <= 0, and for 0 < λ where UᵀU = λ + VᵀV with U of shape n × r, n <= r (relaxed balance), at both of two points.
    Matrices are functions of two natural numbers. *)
From Coq Require Import List ZArith Reals Lia Lra Classical.
From SimCert Require Import Linear Expr Lie Dimension.
Import ListNotations.
Local Open Scope R_scope.

Fixpoint S_ (n : nat) (f : nat -> R) : R := match n with O => 0 | S n' => S_ n' f + f n' end.
Lemma S_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> S_ n f = S_ n g.
Proof. induction n as [|n IH]; cbn [S_]; intros H; [reflexivity|]. rewrite IH, H by (auto; lia). reflexivity. Qed.
Lemma S_plus n f g : S_ n (fun i => f i + g i) = S_ n f + S_ n g.
Proof. induction n as [|n IH]; cbn [S_]; [ring|]. rewrite IH. ring. Qed.
Lemma S_scal n c f : S_ n (fun i => c * f i) = c * S_ n f.
Proof. induction n as [|n IH]; cbn [S_]; [ring|]. rewrite IH. ring. Qed.
Lemma S_scal_r n c f : S_ n (fun i => f i * c) = S_ n f * c.
Proof. induction n as [|n IH]; cbn [S_]; [ring|]. rewrite IH. ring. Qed.
Lemma S_0 n f : (forall i, (i < n)%nat -> f i = 0) -> S_ n f = 0.
Proof. induction n as [|n IH]; cbn [S_]; intros H; [reflexivity|]. rewrite IH, H by (auto; lia). ring. Qed.
Lemma S_swap n m f : S_ n (fun i => S_ m (fun j => f i j)) = S_ m (fun j => S_ n (fun i => f i j)).
Proof. induction n as [|n IH]; cbn [S_]; [symmetry; now apply S_0|]. now rewrite IH, <- S_plus. Qed.
Lemma S_pos n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= S_ n f.
Proof. induction n as [|n IH]; cbn [S_]; intros H; [lra|]. assert (0 <= f n) by (apply H; lia). assert (0 <= S_ n f) by (apply IH; intros; apply H; lia). lra. Qed.
Lemma S_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> S_ n f <= S_ n g.
Proof. induction n as [|n IH]; cbn [S_]; intros H; [lra|]. apply Rplus_le_compat; [apply IH; intros; apply H; lia|apply H; lia]. Qed.
Lemma S_pos_0 n f : (forall i, (i < n)%nat -> 0 <= f i) -> S_ n f = 0 -> forall i, (i < n)%nat -> f i = 0.
Proof.
  induction n as [|n IH]; cbn [S_]; intros H E i Hi; [lia|]. assert (0 <= f n) by (apply H; lia). assert (0 <= S_ n f) by (apply S_pos; intros; apply H; lia).
  destruct (Nat.eq_dec i n) as [->|]; [lra|]. apply IH; [intros; apply H; lia|lra|lia].
Qed.
Lemma S_shift n f : S_ (S n) f = f 0%nat + S_ n (fun i => f (S i)).
Proof. induction n as [|n IH]; [cbn; ring|]. change (S_ (S (S n)) f) with (S_ (S n) f + f (S n)). rewrite IH. cbn [S_]. ring. Qed.
Definition norm2 (n : nat) (d : nat -> R) : R := S_ n (fun i => d i * d i).
Lemma norm2_pos n d : 0 <= norm2 n d.
Proof. apply S_pos. intros. apply Rle_0_sqr. Qed.
Lemma norm2_0 n d : norm2 n d = 0 -> forall i, (i < n)%nat -> d i = 0.
Proof. intros H i Hi. apply Rsqr_0_uniq. apply (S_pos_0 n (fun i => d i * d i)); auto. intros. apply Rle_0_sqr. Qed.

(** (UUᵀ) i k, and Uᵀd *)
Definition gram (r : nat) (U : nat -> nat -> R) (i k : nat) : R := S_ r (fun l => U i l * U k l).
Definition image (n : nat) (U : nat -> nat -> R) (d : nat -> R) (l : nat) : R := S_ n (fun i => U i l * d i).
Lemma gram_sym r U i k : gram r U i k = gram r U k i.
Proof. apply S_ext. intros. ring. Qed.
Lemma gram_image n r U d i : S_ n (fun k => gram r U i k * d k) = S_ r (fun l => U i l * image n U d l).
Proof.
  unfold gram, image. rewrite (S_ext _ _ (fun k => S_ r (fun l => U i l * U k l * d k))) by (intros; now rewrite S_scal_r).
  rewrite S_swap. apply S_ext. intros l _. rewrite <- S_scal. apply S_ext. intros. ring.
Qed.
Lemma gram_quad n r U d : S_ n (fun i => d i * S_ n (fun k => gram r U i k * d k)) = norm2 r (image n U d).
Proof.
  rewrite (S_ext _ _ (fun i => S_ r (fun l => d i * (U i l * image n U d l)))) by (intros; now rewrite gram_image, S_scal).
  rewrite S_swap. apply S_ext. intros l _. rewrite (S_ext _ _ (fun i => U i l * d i * image n U d l)) by (intros; ring). now rewrite S_scal_r.
Qed.

Section Unique.
Variables (n r r' : nat) (U U' : nat -> nat -> R) (a nu : R).
Let A := gram r U.
Let A' := gram r' U'.
Hypothesis square : forall i j, (i < n)%nat -> (j < n)%nat ->
  S_ n (fun k => A i k * A k j) - a * A i j = S_ n (fun k => A' i k * A' k j) - a * A' i j.
Hypothesis below : forall d, nu * norm2 n d <= norm2 r (image n U d).
Hypothesis below' : forall d, nu * norm2 n d <= norm2 r' (image n U' d).
Hypothesis small : a <= 0 /\ nu = 0 \/ a < 2 * nu.
Let D i j := A i j - A' i j.
Lemma trace : S_ n (fun j => norm2 r (image n U (fun i => D i j))) + S_ n (fun i => norm2 r' (image n U' (D i))) = a * S_ n (fun i => norm2 n (D i)).
Proof.
  rewrite (S_ext n (fun j => norm2 r _) (fun j => S_ n (fun i => D i j * S_ n (fun k => A i k * D k j)))) by (intros; now rewrite <- gram_quad).
  rewrite (S_ext n (fun i => norm2 r' _) (fun i => S_ n (fun j => D i j * S_ n (fun k => A' j k * D i k)))) by (intros; now rewrite <- gram_quad).
  rewrite S_swap, <- S_plus, <- S_scal. apply S_ext. intros i Hi. unfold norm2. rewrite <- S_plus, <- S_scal. apply S_ext. intros j Hj.
  rewrite <- Rmult_plus_distr_l. replace (a * (D i j * D i j)) with (D i j * (a * D i j)) by ring. f_equal. rewrite <- S_plus.
  specialize (square i j Hi Hj).
  rewrite (S_ext _ _ (fun k => A i k * A k j + (-1) * (A' i k * A' k j)))
    by (intros k _; unfold D; rewrite (gram_sym r' U' j k : A' j k = A' k j); ring).
  rewrite S_plus, S_scal. unfold D. lra.
Qed.
Theorem gram_unique : forall i j, (i < n)%nat -> (j < n)%nat -> A i j = A' i j.
Proof.
  assert (T := trace). set (N := S_ n (fun i => norm2 n (D i))) in *.
  assert (NT : S_ n (fun j => norm2 n (fun i => D i j)) = N) by (unfold N, norm2; apply S_swap).
  assert (N0 : 0 <= N) by (apply S_pos; intros; apply norm2_pos).
  assert (Z : N = 0).
  { destruct small as [[Ha Hn]|Ha].
    - assert (Q1 : 0 <= S_ n (fun j => norm2 r (image n U (fun i => D i j)))) by (apply S_pos; intros; apply norm2_pos).
      assert (Q2 : 0 <= S_ n (fun i => norm2 r' (image n U' (D i)))) by (apply S_pos; intros; apply norm2_pos).
      assert (X : a * N <= 0) by nra.
      assert (E1 : S_ n (fun j => norm2 r (image n U (fun i => D i j))) = 0) by lra.
      assert (E2 : S_ n (fun i => norm2 r' (image n U' (D i))) = 0) by lra.
      assert (V1 : forall j, (j < n)%nat -> forall l, (l < r)%nat -> image n U (fun i => D i j) l = 0).
      { intros j Hj. apply norm2_0. apply (S_pos_0 n (fun j => norm2 r (image n U (fun i => D i j)))); auto. intros. apply norm2_pos. }
      assert (V2 : forall i, (i < n)%nat -> forall l, (l < r')%nat -> image n U' (D i) l = 0).
      { intros i Hi. apply norm2_0. apply (S_pos_0 n (fun i => norm2 r' (image n U' (D i)))); auto. intros. apply norm2_pos. }
      unfold N, norm2. rewrite (S_ext _ _ (fun i => S_ n (fun j => A i j * D i j) + (-1) * S_ n (fun j => A' i j * D i j))).
      2:{ intros i _. rewrite <- S_scal, <- S_plus. apply S_ext. intros j _. unfold D. ring. }
      rewrite S_plus, S_scal, S_swap. rewrite (S_0 n (fun j => S_ n (fun i => A i j * D i j))), (S_0 n (fun i => S_ n (fun j => A' i j * D i j))); [ring| |].
      + intros i Hi. unfold A'. rewrite gram_image. apply S_0. intros l Hl. rewrite V2 by auto. ring.
      + intros j Hj. rewrite (S_ext _ _ (fun i => A j i * D i j)) by (intros; unfold A; now rewrite gram_sym). unfold A. rewrite (gram_image n r U (fun i => D i j)).
        apply S_0. intros l Hl. rewrite V1 by auto. ring.
    - assert (Q1 : nu * N <= S_ n (fun j => norm2 r (image n U (fun i => D i j)))) by (rewrite <- NT, <- S_scal; apply S_le; intros; apply below).
      assert (Q2 : nu * N <= S_ n (fun i => norm2 r' (image n U' (D i)))) by (unfold N; rewrite <- S_scal; apply S_le; intros; apply below').
      nra. }
  intros i j Hi Hj. assert (E : D i j = 0); [|unfold D in E; lra].
  apply (norm2_0 n (D i)); [|exact Hj]. apply (S_pos_0 n (fun i => norm2 n (D i))); auto. intros. apply norm2_pos.
Qed.
End Unique.

(** ** Independent vectors, as many as indices, span *)
Lemma span_full (J : list positive) (rows : list vec) : Rlindep J rows -> length rows = length J ->
  forall v : vec, exists gs, length gs = length rows /\ forall i, In i J -> v i = Rlcomb gs rows i.
Proof.
  intros HI L v. assert (N : ~ Rlindep J (v :: rows)). { intros K. apply Rlindep_le in K. cbn [length] in K. rewrite L in K. lia. }
  unfold Rlindep, lindep in N. apply not_all_ex_not in N as (gs & N). apply imply_to_and in N as (Lg & N). apply imply_to_and in N as (Cg & N).
  destruct gs as [|g gs]; [easy|]. cbn [length] in Lg.
  assert (Hg : g <> 0).
  { intros ->. apply N. constructor; [easy|]. apply HI; [injection Lg as Lg; exact Lg|]. intros i Hi. specialize (Cg i Hi). cbn [lcomb] in Cg. rewrite Rmult_0_l, Rplus_0_l in Cg. exact Cg. }
  exists (map (Rmult (- / g)) gs). split; [rewrite map_length; injection Lg as Lg; exact Lg|]. intros i Hi. specialize (Cg i Hi). cbn [lcomb] in Cg.
  unfold Rlcomb. rewrite (lcomb_scal R 0 1 Rplus Rmult Rminus Ropp R_ring).
  apply (Rmult_eq_reg_l g); [|exact Hg]. replace (g * v i) with (- lcomb R 0 Rplus Rmult gs rows i) by lra. field. exact Hg.
Qed.
Lemma lcomb_seq (g : nat -> R) (f : nat -> vec) i : forall n k, Rlcomb (map g (seq k n)) (map f (seq k n)) i = S_ n (fun l => g (k + l)%nat * f (k + l)%nat i).
Proof.
  unfold Rlcomb. induction n as [|n IH]; intros k; [reflexivity|]. cbn [seq map lcomb]. rewrite IH, S_shift. f_equal; [now rewrite Nat.add_0_r|].
  apply S_ext. intros l _. now rewrite <- Nat.add_succ_comm.
Qed.
Lemma list_as_map (gs : list R) : gs = map (fun l => nth l gs 0) (seq 0 (length gs)).
Proof.
  induction gs as [|g gs IH]; [reflexivity|]. cbn [length seq map nth]. f_equal. rewrite <- seq_shift, map_map. exact IH.
Qed.

(** ** UᵀU = λ + VᵀV with λ > 0 and n <= r: then n = r, and UUᵀ >= λ *)
Section Square.
Variables (n m r : nat) (U V : nat -> nat -> R) (a : R).
Hypothesis a_pos : 0 < a.
Hypothesis wide : (n <= r)%nat.
Hypothesis balance : forall k l, (k < r)%nat -> (l < r)%nat -> S_ n (fun i => U i k * U i l) - S_ m (fun i => V i k * V i l) = if Nat.eqb k l then a else 0.
Definition apply_to (W : nat -> nat -> R) (y : nat -> R) (i : nat) : R := S_ r (fun l => W i l * y l).
Lemma S_delta k f : (k < r)%nat -> S_ r (fun l => (if Nat.eqb k l then a else 0) * f l) = a * f k.
Proof.
  intros Hk. assert (G : forall q, S_ q (fun l => (if Nat.eqb k l then a else 0) * f l) = if Nat.ltb k q then a * f k else 0).
  { induction q as [|q IH]; [reflexivity|]. cbn [S_]. rewrite IH. destruct (Nat.eqb_spec k q) as [->|D].
    - rewrite Nat.ltb_irrefl. destruct (Nat.ltb_spec q (S q)); [ring|lia].
    - destruct (Nat.ltb_spec k q), (Nat.ltb_spec k (S q)); try lia; ring. }
  rewrite G. destruct (Nat.ltb_spec k r); [reflexivity|lia].
Qed.
Lemma balance_apply y k : (k < r)%nat -> image n U (apply_to U y) k = a * y k + image m V (apply_to V y) k.
Proof.
  intros Hk. unfold image, apply_to.
  assert (E : forall q (W : nat -> nat -> R), S_ q (fun i => W i k * S_ r (fun l => W i l * y l)) = S_ r (fun l => S_ q (fun i => W i k * W i l) * y l)).
  { intros q W. rewrite (S_ext _ _ (fun i => S_ r (fun l => W i k * W i l * y l))) by (intros; rewrite <- S_scal; apply S_ext; intros; ring).
    rewrite S_swap. apply S_ext. intros. apply S_scal_r. }
  rewrite !E, <- (S_delta k y Hk), <- S_plus. apply S_ext. intros l Hl. rewrite <- (balance k l Hk Hl). ring.
Qed.
Lemma pairing q (W : nat -> nat -> R) y : S_ r (fun l => y l * image q W (apply_to W y) l) = norm2 q (apply_to W y).
Proof.
  unfold norm2, image. rewrite (S_ext _ _ (fun l => S_ q (fun i => W i l * y l * apply_to W y i))) by (intros; rewrite <- S_scal; apply S_ext; intros; ring).
  rewrite S_swap. apply S_ext. intros i _. rewrite S_scal_r. reflexivity.
Qed.
Lemma norm_U y : norm2 n (apply_to U y) = a * norm2 r y + norm2 m (apply_to V y).
Proof.
  rewrite <- !pairing. unfold norm2. rewrite <- S_scal, <- S_plus. apply S_ext. intros l Hl. rewrite balance_apply by exact Hl. ring.
Qed.
Definition column (l : nat) : vec := fun i => U (pred (Pos.to_nat i)) l.
Definition rows_of : list positive := map Pos.of_succ_nat (seq 0 n).
Lemma in_rows i : (i < n)%nat -> In (Pos.of_succ_nat i) rows_of.
Proof. intros Hi. apply in_map, in_seq. lia. Qed.
Lemma column_at l i : column l (Pos.of_succ_nat i) = U i l.
Proof. unfold column. now rewrite SuccNat2Pos.id_succ. Qed.
Lemma columns_independent : Rlindep rows_of (map column (seq 0 r)).
Proof.
  intros gs L H. rewrite map_length, seq_length in L. set (y := fun l => nth l gs 0).
  assert (E : gs = map y (seq 0 r)) by (rewrite <- L; apply list_as_map).
  assert (Z : forall i, (i < n)%nat -> apply_to U y i = 0).
  { intros i Hi. specialize (H _ (in_rows i Hi)). rewrite E in H. change (lcomb R 0 Rplus Rmult) with Rlcomb in H. rewrite lcomb_seq in H. cbn [Nat.add] in H.
    rewrite <- H. apply S_ext. intros l _. rewrite column_at. ring. }
  assert (Y : norm2 r y = 0).
  { assert (P := norm_U y). assert (X : norm2 n (apply_to U y) = 0) by (apply S_0; intros i Hi; rewrite Z by exact Hi; ring).
    assert (P1 := norm2_pos r y). assert (P2 := norm2_pos m (apply_to V y)). nra. }
  rewrite E. apply Forall_forall. intros g Hg. apply in_map_iff in Hg as (l & <- & Hl). apply in_seq in Hl. apply (norm2_0 r y Y). lia.
Qed.
Lemma square_below d : a * norm2 n d <= norm2 r (image n U d).
Proof.
  assert (I := columns_independent). assert (L := Rlindep_le _ _ I). unfold rows_of in L. rewrite !map_length, !seq_length in L.
  destruct (span_full _ _ I) with (v := fun i => d (pred (Pos.to_nat i))) as (gs & Lg & Hg); [unfold rows_of; rewrite !map_length, !seq_length; lia|].
  rewrite map_length, seq_length in Lg. set (y := fun l => nth l gs 0). assert (E : gs = map y (seq 0 r)) by (rewrite <- Lg; apply list_as_map).
  assert (Hd : forall i, (i < n)%nat -> d i = apply_to U y i).
  { intros i Hi. specialize (Hg _ (in_rows i Hi)). rewrite E, lcomb_seq in Hg. cbn [Nat.add] in Hg. rewrite SuccNat2Pos.id_succ in Hg. cbn [pred] in Hg. rewrite Hg.
    apply S_ext. intros l _. rewrite column_at. ring. }
  assert (N : norm2 n d = norm2 n (apply_to U y)) by (apply S_ext; intros i Hi; now rewrite Hd).
  assert (Im : norm2 r (image n U d) = norm2 r (fun k => a * y k + image m V (apply_to V y) k)).
  { apply S_ext. intros k Hk. rewrite <- balance_apply by exact Hk. assert (X : image n U d k = image n U (apply_to U y) k); [|now rewrite X].
    apply S_ext. intros i Hi. now rewrite Hd. }
  rewrite N, Im, norm_U. unfold norm2 at 3.
  rewrite (S_ext _ _ (fun k => a * a * (y k * y k) + (2 * a * (y k * image m V (apply_to V y) k) + image m V (apply_to V y) k * image m V (apply_to V y) k)))
    by (intros; ring).
  rewrite !S_plus, !S_scal, pairing. fold (norm2 r y) (norm2 r (image m V (apply_to V y))).
  assert (P1 := norm2_pos m (apply_to V y)). assert (P2 := norm2_pos r (image m V (apply_to V y))). nra.
Qed.
End Square.
