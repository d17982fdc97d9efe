(** * The gradient of a risk: tangents are linear, losses obey the chain rule, and what a symmetry of a linear form fixes. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Leaves Parities Slopes Sensitivity.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Finite sums *)
Lemma rsum_0 {A} (f : A -> R) l : (forall a, In a l -> f a = 0) -> rsum f l = 0.
Proof. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; intros H; [reflexivity|]. rewrite (H a (or_introl eq_refl)), IH; [ring|]. intros; apply H; now right. Qed.
Lemma rsum_plus {A} (f g : A -> R) l : rsum (fun a => f a + g a) l = rsum f l + rsum g l.
Proof. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; [ring|]. rewrite IH. ring. Qed.
Lemma rsum_scal_r {A} (f : A -> R) c l : rsum (fun a => f a * c) l = rsum f l * c.
Proof. unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; [ring|]. rewrite IH. ring. Qed.
Lemma rsum_swap {A B} (f : A -> B -> R) l l' : rsum (fun a => rsum (f a) l') l = rsum (fun b => rsum (fun a => f a b) l) l'.
Proof.
  induction l as [|a l IH].
  - unfold rsum at 1. cbn [map fold_right]. symmetry. apply rsum_0. reflexivity.
  - transitivity (rsum (f a) l' + rsum (fun a => rsum (f a) l') l); [reflexivity|]. rewrite IH, <- rsum_plus. reflexivity.
Qed.
Lemma rsum_le {A} (f g : A -> R) l : (forall a, In a l -> f a <= g a) -> rsum f l <= rsum g l.
Proof.
  unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; intros H; [lra|]. apply Rplus_le_compat; [apply H; now left|apply IH; intros; apply H; now right].
Qed.
Lemma rsum_pos_0 {A} (f : A -> R) l : (forall a, In a l -> 0 <= f a) -> rsum f l = 0 -> forall a, In a l -> f a = 0.
Proof.
  unfold rsum. induction l as [|b l IH]; cbn [map fold_right]; intros H E a Ha; [easy|].
  assert (P : 0 <= fold_right Rplus 0 (map f l)).
  { clear -H. assert (H' : forall a, In a l -> 0 <= f a) by (intros; apply H; now right). clear H.
    induction l as [|c l IH]; cbn [map fold_right]; [lra|]. apply Rplus_le_le_0_compat; [apply H'; now left|apply IH; intros; apply H'; now right]. }
  assert (Hb := H b (or_introl eq_refl)). destruct Ha as [<-|Ha]; [lra|]. apply IH; [intros; apply H; now right|lra|exact Ha].
Qed.

(** ** Tangents are linear in the direction *)
(** directions of the parameters of the model only *)
Definition within (m : model) (v : vec) : Prop := forall p, (dimension m <= p)%N -> entry v p = 0.
Lemma basis_sum m v q : within m v -> entry v q = rsum (fun p => entry v p * entry (ebasis (N.succ_pos p)) q) (upto (dimension m)).
Proof.
  intros Hw. transitivity (rsum (fun p => (if N.eqb q p then entry v q else 0) * 1) (upto (dimension m))).
  2:{ apply rsum_ext. intros p _. unfold entry at 3, ebasis. destruct (N.eqb_spec q p) as [->|D]; [rewrite Pos.eqb_refl; ring|].
      destruct (Pos.eqb_spec (N.succ_pos q) (N.succ_pos p)) as [E|_]; [apply succ_pos_inj in E; contradiction|ring]. }
  destruct (N.lt_ge_cases q (dimension m)) as [H|H].
  - rewrite (rsum_single (fun _ => 1) (entry v q) q (dimension m) H). ring.
  - rewrite (Hw q H). symmetry. apply rsum_0. intros p _. destruct (N.eqb q p); ring.
Qed.
Section Linear.
Variable m : model.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Variables theta x dtheta : vec.
Hypothesis Hw : within m dtheta.
Let P := upto (dimension m).
Let c p := entry dtheta p.
Lemma dprod_sum (v : N -> arr) (w : N -> arr) (W : N -> N -> arr) : (forall j i, w j i = rsum (fun p => c p * W p j i) P) ->
  forall ops e, dprod v w ops e = rsum (fun p => c p * dprod v (W p) ops e) P.
Proof.
  intros H. induction ops as [|[a [t s]] ops IH]; intros e; cbn [dprod].
  - symmetry. apply rsum_0. intros; ring.
  - rewrite H, IH, <- rsum_scal, <- rsum_scal_r, <- rsum_plus. apply rsum_ext. intros p _. ring.
Qed.
Lemma node_tangent_sum v w W n i : (forall j i, w j i = rsum (fun p => c p * W p j i) P) ->
  node_tangent m slope dtheta v w n i = rsum (fun p => c p * node_tangent m slope (ebasis (N.succ_pos p)) v (W p) n i) P.
Proof.
  intros H. destruct n as [s name|s names|s name|s values|s args|s args terms out|s a ix|s a ix|s a f o]; cbn [node_tangent].
  - now apply basis_sum.
  - now apply basis_sum.
  - symmetry. apply rsum_0. intros; ring.
  - symmetry. apply rsum_0. intros; ring.
  - rewrite (rsum_ext _ (fun a => rsum (fun p => c p * W p a i) P) args) by (intros; apply H). rewrite rsum_swap. apply rsum_ext. intros p _. apply rsum_scal.
  - rewrite enumerate_ok. rewrite (rsum_ext _ (fun e => rsum (fun p => c p * dprod v (W p) (combine args (combine terms (map (shape_at m) args))) e) P))
      by (intros; now apply dprod_sum). rewrite rsum_swap. apply rsum_ext. intros p _. rewrite enumerate_ok. apply rsum_scal.
  - destruct (at_ ix i None) as [k|]; [apply H|]. symmetry. apply rsum_0. intros; ring.
  - rewrite (rsum_ext _ (fun j => rsum (fun p => c p * match at_ ix j None with Some k => if N.eqb k i then W p a j else 0 | None => 0 end) P)).
    + rewrite rsum_swap. apply rsum_ext. intros p _. apply rsum_scal.
    + intros j _. destruct (at_ ix j None) as [k|]; [|symmetry; apply rsum_0; intros; ring].
      destruct (N.eqb k i); [apply H|symmetry; apply rsum_0; intros; ring].
  - rewrite H, <- rsum_scal. apply rsum_ext. intros; ring.
Qed.
Lemma run_tangent_sum : forall l k v w W, (forall j i, w j i = rsum (fun p => c p * W p j i) P) ->
  forall j i, run_tangent m sigma slope theta x dtheta l k v w j i
    = rsum (fun p => c p * run_tangent m sigma slope theta x (ebasis (N.succ_pos p)) l k v (W p) j i) P.
Proof.
  induction l as [|n l IH]; cbn [run_tangent]; intros k v w W H; [exact H|].
  apply (IH (N.succ k) _ _ (fun p j => if N.eqb j k then node_tangent m slope (ebasis (N.succ_pos p)) v (W p) n else W p j)).
  intros j i. destruct (N.eqb j k); [now apply node_tangent_sum|apply H].
Qed.
Lemma tangent_sum j i : tangent m sigma slope theta x dtheta j i =
  rsum (fun p => entry dtheta p * tangent m sigma slope theta x (ebasis (N.succ_pos p)) j i) (upto (dimension m)).
Proof. apply (run_tangent_sum (m_nodes m) 0%N (fun _ _ => 0) (fun _ _ => 0) (fun _ _ _ => 0)). intros. symmetry. apply rsum_0. intros; ring. Qed.
End Linear.

(** ** A linear form that a symmetry leaves as it is has a fixed vector of coefficients *)
Lemma squared_norms m : indices_ok m = true -> forall v v' : vec,
  (forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> squared_norm m n v' = squared_norm m n v) ->
  rsum (fun p => entry v' p * entry v' p) (upto (dimension m)) = rsum (fun p => entry v p * entry v p) (upto (dimension m)).
Proof.
  intros Hi v v' H. unfold indices_ok in Hi. cbv zeta in Hi. apply andb_prop in Hi as [H1 H2].
  apply permutation_ok_spec in H1. apply has_length_ok in H2. rewrite H2 in H1.
  rewrite <- !(rsum_perm _ _ _ H1). unfold leaf_indices.
  assert (G : forall l, (forall n, In n l -> is_leaf n -> squared_norm m n v' = squared_norm m n v) ->
    forall u, rsum (fun p => entry u p * entry u p) (flat_map (fun n => if leaf_b n then map (leaf_index m n) (nrange (size (shape_of n))) else []) l)
    = rsum (fun n => if leaf_b n then squared_norm m n u else 0) l).
  { induction l as [|n l IH]; intros Hl u; cbn [flat_map]; [reflexivity|]. rewrite rsum_app, IH by (intros; apply Hl; [now right|assumption]).
    transitivity ((if leaf_b n then squared_norm m n u else 0) + rsum (fun n => if leaf_b n then squared_norm m n u else 0) l); [|reflexivity].
    f_equal. destruct (leaf_b n); [|reflexivity]. rewrite rsum_map, nrange_ok. reflexivity. }
  assert (Hl : forall n, In n (m_nodes m) -> is_leaf n -> squared_norm m n v' = squared_norm m n v).
  { intros n Hn. apply In_nth_error in Hn as [k Hk]. now apply (H k). }
  rewrite !(G _ Hl). apply rsum_ext. intros n Hn. destruct (leaf_b n) eqn:E; [|reflexivity]. apply Hl; [exact Hn|now destruct n].
Qed.
Lemma leaf_index_below m k n i : indices_ok m = true -> nth_error (m_nodes m) k = Some n -> is_leaf n -> (i < size (shape_of n))%N -> (leaf_index m n i < dimension m)%N.
Proof.
  intros Hi Hn Hl Hlt. unfold indices_ok in Hi. cbv zeta in Hi. apply andb_prop in Hi as [H1 H2].
  apply permutation_ok_spec in H1. apply has_length_ok in H2. rewrite H2 in H1. apply in_upto. eapply Permutation_in; [exact H1|].
  unfold leaf_indices. apply in_flat_map. exists n. split; [eapply nth_error_In, Hn|]. assert (leaf_b n = true) as -> by now destruct n.
  apply in_map. rewrite nrange_ok. now apply in_upto.
Qed.
Definition cut (m : model) (v : vec) : vec := fun j => if N.ltb (Pos.pred_N j) (dimension m) then v j else 0.
Lemma entry_cut m v p : entry (cut m v) p = if N.ltb p (dimension m) then entry v p else 0.
Proof. unfold entry, cut. now rewrite N.pos_pred_succ. Qed.
Lemma cut_within m v : within m (cut m v).
Proof. intros p Hp. rewrite entry_cut. destruct (N.ltb_spec p (dimension m)); [lia|reflexivity]. Qed.
Lemma moves_below m g (u u' w w' : vec) : indices_ok m = true -> (forall p, (p < dimension m)%N -> entry u p = entry w p /\ entry u' p = entry w' p) ->
  moves m g u u' -> moves m g w w'.
Proof.
  intros Hi H M k n Hn Hl i Hlt. assert (B := fun i Hlt => leaf_index_below m k n i Hi Hn Hl Hlt).
  rewrite <- (proj2 (H _ (B i Hlt))), (M k n Hn Hl i Hlt). apply rsum_ext. intros j Hj. apply in_upto in Hj. now rewrite (proj1 (H _ (B j Hj))).
Qed.
Definition isometric (m : model) (g : generator) : Prop :=
  (forall v, exists v', moves m g v v') /\
  forall v v', moves m g v v' -> forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> squared_norm m n v' = squared_norm m n v.
Theorem fixed_form m g (a : vec) : indices_ok m = true -> isometric m g ->
  (forall v v', within m v -> within m v' -> moves m g v v' ->
     rsum (fun p => entry v' p * entry a p) (upto (dimension m)) = rsum (fun p => entry v p * entry a p) (upto (dimension m))) ->
  moves m g a a.
Proof.
  intros Hi [Ht Hn] H. destruct (Ht a) as [a' Ha].
  assert (Cut : forall u p, (p < dimension m)%N -> entry (cut m u) p = entry u p).
  { intros u p Hp. rewrite entry_cut. destruct (N.ltb_spec p (dimension m)); [reflexivity|lia]. }
  assert (Hc : moves m g (cut m a) (cut m a')) by (apply (moves_below m g a a'); [exact Hi| |exact Ha]; intros p Hp; now rewrite !Cut).
  specialize (H _ _ (cut_within m a) (cut_within m a') Hc).
  assert (Hs := squared_norms m Hi a a' (Hn a a' Ha)).
  assert (E : forall p, (p < dimension m)%N -> entry a' p = entry a p).
  { assert (Z : rsum (fun p => (entry a' p - entry a p) * (entry a' p - entry a p)) (upto (dimension m)) = 0).
    { rewrite (rsum_ext _ (fun p => (entry a' p * entry a' p + entry a p * entry a p) + (-2) * (entry a' p * entry a p))) by (intros; ring).
      rewrite rsum_plus, rsum_plus, rsum_scal, Hs.
      rewrite (rsum_ext (fun p => entry a' p * entry a p) (fun p => entry (cut m a') p * entry a p)) by (intros p Hp; apply in_upto in Hp; now rewrite Cut).
      rewrite H, (rsum_ext (fun p => entry (cut m a) p * entry a p) (fun p => entry a p * entry a p)) by (intros p Hp; apply in_upto in Hp; now rewrite Cut). ring. }
    intros p Hp. assert (X := rsum_pos_0 (fun p => (entry a' p - entry a p) * (entry a' p - entry a p)) _ (fun p _ => Rle_0_sqr _) Z p (proj2 (in_upto _ _) Hp)).
    cbv beta in X. apply Rmult_integral in X. lra. }
  apply (moves_below m g a a' a a); [exact Hi| |exact Ha]. intros p Hp. split; [reflexivity|now apply E].
Qed.

(** ** The chain rule for a loss *)
Lemma in_output_pairs m k i : In (k, i) (output_pairs m) <-> output_entry m k i.
Proof.
  unfold output_pairs, output_entry. rewrite in_concat. split.
  - intros (l & Hl & H). apply in_map_iff in Hl as (k' & <- & Hk). apply in_map_iff in H as (i' & [= -> ->] & Hi). apply in_upto in Hk, Hi.
    exists (at_ (m_outputs m) k 0%N). split; [|exact Hi]. unfold at_. apply nth_error_nth'. lia.
  - intros (n & Hn & Hi). eexists. split; [apply in_map_iff; exists k; split; [reflexivity|]|].
    + apply in_upto. assert (N.to_nat k < length (m_outputs m))%nat by (apply nth_error_Some; congruence). lia.
    + apply in_map. apply in_upto. unfold at_. now rewrite (nth_error_nth _ _ _ Hn).
Qed.
Lemma small_remainder {A} (r : R -> R) (D d : A -> R -> R) (d0 : A -> R) (l : list A) t0 :
  (forall a, In a l -> is_derive (D a) t0 (d0 a)) -> (forall a, In a l -> D a t0 = 0) -> r t0 = 0 ->
  (forall eps, 0 < eps -> exists delta, 0 < delta /\ forall t, Rabs (t - t0) < delta -> Rabs (r t) <= eps * rsum (fun a => Rabs (D a t)) l) ->
  is_derive r t0 0.
Proof.
  intros HD H0 Hr Hb.
  assert (Near : exists delta, 0 < delta /\ forall t, Rabs (t - t0) < delta -> rsum (fun a => Rabs (D a t)) l <= rsum (fun a => Rabs (d0 a) + 1) l * Rabs (t - t0)).
  { clear Hb Hr. induction l as [|a l IH].
    - exists 1. split; [lra|]. intros t _. unfold rsum. cbn [map fold_right]. lra.
    - destruct IH as (e & He & IH); [intros; apply HD; now right|intros; apply H0; now right|].
      assert (Ha := HD a (or_introl eq_refl)). apply is_derive_Reals in Ha. destruct (Ha 1 Rlt_0_1) as [e' Ha'].
      exists (Rmin e e'). split; [apply Rmin_pos; [exact He|apply cond_pos]|]. intros t Ht.
      assert (B : Rabs (D a t) <= (Rabs (d0 a) + 1) * Rabs (t - t0)).
      { destruct (Req_dec t t0) as [->|Dt]; [rewrite (H0 a (or_introl eq_refl)), Rabs_R0, Rminus_diag_eq, Rabs_R0 by reflexivity; lra|].
        assert (Dh : t - t0 <> 0) by lra. specialize (Ha' (t - t0) Dh). replace (t0 + (t - t0)) with t in Ha' by ring.
        rewrite (H0 a (or_introl eq_refl)) in Ha'. specialize (Ha' (Rlt_le_trans _ _ _ Ht (Rmin_r _ _))).
        replace (D a t) with (((D a t - 0) / (t - t0) - d0 a + d0 a) * (t - t0)) by (field; exact Dh).
        rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. eapply Rle_trans; [apply Rabs_triang|]. lra. }
      specialize (IH t (Rlt_le_trans _ _ _ Ht (Rmin_l _ _))). unfold rsum in *. cbn [map fold_right]. lra. }
  destruct Near as (e0 & He0 & Near). set (K := rsum (fun a => Rabs (d0 a) + 1) l) in *.
  assert (HK : 0 <= K) by (unfold K; apply (Rle_trans _ (rsum (fun _ => 0) l)); [rewrite rsum_0 by reflexivity; lra|]; apply rsum_le; intros a _; assert (X := Rabs_pos (d0 a)); lra).
  apply is_derive_Reals. intros eps Heps. destruct (Hb (eps / (2 * (K + 1)))) as (e1 & He1 & Hb1); [apply Rdiv_lt_0_compat; lra|].
  exists (mkposreal (Rmin e0 e1) (Rmin_pos _ _ He0 He1)). intros h Hh Hlt. cbn [pos] in Hlt. rewrite Hr, Rminus_0_r, Rminus_0_r.
  assert (Eh : t0 + h - t0 = h) by ring.
  assert (B1 := Near (t0 + h)). assert (B2 := Hb1 (t0 + h)). rewrite Eh in B1, B2.
  specialize (B1 (Rlt_le_trans _ _ _ Hlt (Rmin_l _ _))). specialize (B2 (Rlt_le_trans _ _ _ Hlt (Rmin_r _ _))).
  unfold Rdiv at 1. rewrite Rabs_mult, Rabs_inv. assert (P := Rabs_pos_lt h Hh).
  apply (Rmult_lt_reg_r (Rabs h)); [exact P|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  eapply Rle_lt_trans; [exact B2|]. apply (Rle_lt_trans _ (eps / (2 * (K + 1)) * (K * Rabs h))).
  - apply Rmult_le_compat_l; [apply Rlt_le, Rdiv_lt_0_compat; lra|exact B1].
  - rewrite <- Rmult_assoc. apply Rmult_lt_compat_r; [exact P|]. replace (eps / (2 * (K + 1)) * K) with (eps * (K / (2 * (K + 1)))) by (field; lra).
    assert (K / (2 * (K + 1)) < 1) by (apply (Rmult_lt_reg_r (2 * (K + 1))); [lra|]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra). nra.
Qed.
Theorem loss_chain m l (c : R -> arrays) (y : arrays) d (dc : arrays) t0 : loss_derivative m l (c t0) y d ->
  (forall k i, In (k, i) (output_pairs m) -> is_derive (fun t => c t k i) t0 (dc k i)) ->
  is_derive (fun t => l (c t) y) t0 (rsum (fun e => d e * dc (fst e) (snd e)) (output_pairs m)).
Proof.
  intros Hl Hc. set (L := output_pairs m) in *.
  set (lin := fun t => rsum (fun e => d e * (c t (fst e) (snd e) - c t0 (fst e) (snd e))) L).
  assert (Hd : forall e, In e L -> is_derive (fun t => c t (fst e) (snd e) - c t0 (fst e) (snd e)) t0 (dc (fst e) (snd e))).
  { intros [k i] He. cbn [fst snd]. replace (dc k i) with (minus (dc k i) 0) by (unfold minus, plus, opp; simpl; ring).
    apply (is_derive_minus (fun t => c t k i) (fun _ => c t0 k i)); [now apply Hc|apply @is_derive_const]. }
  assert (H1 : is_derive lin t0 (rsum (fun e => d e * dc (fst e) (snd e)) L)).
  { apply (is_derive_rsum (fun e t => d e * (c t (fst e) (snd e) - c t0 (fst e) (snd e)))). intros e He. apply (is_derive_scal (fun t => c t (fst e) (snd e) - c t0 (fst e) (snd e))). now apply Hd. }
  set (r := fun t => l (c t) y - l (c t0) y - lin t).
  assert (H2 : is_derive r t0 0).
  { apply (small_remainder r (fun e t => c t (fst e) (snd e) - c t0 (fst e) (snd e)) (fun _ _ => 0) (fun e => dc (fst e) (snd e)) L t0 Hd).
    - intros; ring.
    - unfold r, lin. rewrite rsum_0 by (intros; ring). ring.
    - intros eps Heps. destruct (Hl eps Heps) as (delta & Hdelta & Hb).
      assert (Cont : forall L', incl L' L -> exists e0, 0 < e0 /\ forall t, Rabs (t - t0) < e0 -> forall e, In e L' -> Rabs (c t (fst e) (snd e) - c t0 (fst e) (snd e)) <= delta).
      { induction L' as [|[k i] L' IH]; intros Hin; [exists 1; split; [lra|easy]|]. destruct IH as (e0 & He0 & IH); [intros a Ha; apply Hin; now right|].
        assert (Ck : continuity_pt (fun t => c t k i) t0).
        { apply derivable_continuous_pt. exists (dc k i). apply is_derive_Reals. apply Hc, Hin. now left. }
        destruct (Ck delta Hdelta) as (e1 & He1 & Q).
        exists (Rmin e0 e1). split; [apply Rmin_pos; assumption|]. intros t Ht e [<-|He].
        - cbn [fst snd]. destruct (Req_dec t t0) as [->|D]; [rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra|]. apply Rlt_le. apply (Q t).
          split; [split; [exact I|now apply not_eq_sym]|]. exact (Rlt_le_trans _ _ _ Ht (Rmin_r _ _)).
        - apply (IH t); [exact (Rlt_le_trans _ _ _ Ht (Rmin_l _ _))|exact He]. }
      destruct (Cont L (incl_refl L)) as (e0 & He0 & Cn). exists e0. split; [exact He0|]. intros t Ht. apply (Hb (c t)). intros k i Hki. exact (Cn t Ht (k, i) Hki). }
  apply (is_derive_ext (fun t => plus (plus (l (c t0) y) (lin t)) (r t))); [intros t; unfold r, plus; simpl; ring|].
  replace (rsum (fun e => d e * dc (fst e) (snd e)) L) with (plus (plus 0 (rsum (fun e => d e * dc (fst e) (snd e)) L)) 0) by (unfold plus; simpl; ring).
  apply (is_derive_plus (fun t => plus (l (c t0) y) (lin t)) r); [|exact H2].
  apply (is_derive_plus (fun _ => l (c t0) y) lin); [apply @is_derive_const|exact H1].
Qed.
(** where the loss is symmetric, so is its derivative *)
Lemma loss_derivative_moved m gs l g z z' y y' h h' d d' : symmetric_loss m gs l -> In g gs -> moves_output m g z z' -> moves_output m g y y' ->
  moves_output m g h h' -> loss_derivative m l z y d -> loss_derivative m l z' y' d' ->
  rsum (fun e => d' e * h' (fst e) (snd e)) (output_pairs m) = rsum (fun e => d e * h (fst e) (snd e)) (output_pairs m).
Proof.
  intros Hl Hg Hz Hy Hh Hd Hd'.
  assert (Line : forall (z h : arrays) t0, (fun t : R => fun k i => z k i + t * h k i) t0 = (fun k i => z k i + t0 * h k i)) by reflexivity.
  assert (Start : forall (z h : arrays), (fun k i => z k i + 0 * h k i) = z).
  { intros u w. apply functional_extensionality. intros k. apply functional_extensionality. intros i. ring. }
  assert (D : forall z y h d, loss_derivative m l z y d -> is_derive (fun t => l (fun k i => z k i + t * h k i) y) 0 (rsum (fun e => d e * h (fst e) (snd e)) (output_pairs m))).
  { intros u w a b H. apply (loss_chain m l (fun t k i => u k i + t * a k i) w b a 0); [now rewrite Start|].
    intros k i _. auto_derive; [exact I|ring]. }
  assert (A := D z y h d Hd). assert (A' := D z' y' h' d' Hd').
  assert (E : is_derive (fun t => l (fun k i => z k i + t * h k i) y) 0 (rsum (fun e => d' e * h' (fst e) (snd e)) (output_pairs m))).
  { apply (is_derive_ext (fun t => l (fun k i => z' k i + t * h' k i) y')); [|exact A']. intros t. apply (Hl g Hg); [|exact Hy].
    intros k n Hn i Hi. rewrite (Hz k n Hn i Hi), (Hh k n Hn i Hi), <- rsum_scal, <- rsum_plus. apply rsum_ext. intros j _. ring. }
  rewrite <- (is_derive_unique _ _ _ A). symmetry. now apply is_derive_unique.
Qed.
