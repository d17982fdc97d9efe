(** * What invariance and its refutation mean for training: steps of descent, adaptive steps, gradient flows.

    The definitions up to [follows_flow] are SPECIFICATION; the theorems take what [claim_holds] says of a subspace. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks Flow Lie Named Jets.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** all entries [k, i] of the outputs *)
Definition output_entries (m : model) : list (N * N) :=
  flat_map (fun kn => map (fun i => (fst kn, i)) (upto (size (shape_at m (snd kn))))) (numbered (m_outputs m)).
(** one sample: an input, and the derivative of its loss by every output entry, at the present parameters *)
Record sample := { s_input : vec; s_slope : N * N -> vec -> R }.
Section Training.
Variable m : model.
Variable sigma : text -> R -> R.
(** the gradient of the total loss of finitely many samples, by the chain rule *)
Definition loss_gradient (data : list sample) (theta : vec) : vec := fun j =>
  rsum (fun d => rsum (fun e => s_slope d e theta * partial (F m sigma (s_input d) (fst e) (snd e)) j theta) (output_entries m)) data.
Definition all_regular (data : list sample) (theta : vec) : Prop := forall d, In d data -> regular m sigma theta (s_input d).
(** a direction of the subspace *)
Definition tangent (L : subspace) (v : vec) : Prop := forall r, In r (s_rows L) -> row_of r v = 0.
Definition linear (L : subspace) : Prop := forall r, In r (s_rows L) -> Q2R (r_constant r) = 0.
(** equations theta_p = 0 and theta_p = +-theta_q only *)
Definition signed_row (r : row) : Prop :=
  Q2R (r_constant r) = 0 /\ exists p a, Q2R a = 1 /\
  (r_entries r = [(p, a)] \/ exists q e, (Q2R e = 1 \/ Q2R e = -1) /\ r_entries r = [(p, a); (q, e)]).
(** a solution of the gradient flow on [0, T] *)
Definition follows_flow (data : list sample) (T : R) (theta : R -> vec) : Prop :=
  forall t, 0 <= t <= T -> forall j, is_derive (fun t => theta t j) t (- loss_gradient data (theta t) j).

(** what the architecture has to satisfy: the derivatives of F along the rows of L are Lipschitz on bounded sets, as they are where the functions have
    derivatives that are Lipschitz on bounded intervals ([gradients_lipschitz_smooth]) *)
Definition gradients_lipschitz (L : subspace) : Prop := forall r, In r (s_rows L) -> forall x k i, output_entry m k i ->
  Flow.lipb (fun u => row_gradient r (F m sigma x k i) u).
(** along the solution the derivatives of the losses by the outputs are bounded, as they are where they are continuous *)
Definition slopes_bounded (data : list sample) (T : R) (theta : R -> vec) : Prop := forall d e, In d data -> In e (output_entries m) ->
  exists B, forall t, 0 <= t <= T -> Rabs (s_slope d e (theta t)) <= B.

Lemma row_of_lin r a b u v : row_of r (fun j => a * u j + b * v j) = a * row_of r u + b * row_of r v.
Proof.
  unfold row_of, rsum. induction (r_entries r) as [|e l IH]; cbn [map fold_right]; [ring|]. rewrite IH. unfold entry. ring.
Qed.
Lemma row_of_rsum {A} r (f : A -> vec) l : row_of r (fun j => rsum (fun a => f a j) l) = rsum (fun a => row_of r (f a)) l.
Proof.
  induction l as [|a l IH].
  - unfold row_of, rsum. cbn [map fold_right]. induction (r_entries r) as [|e l' IH']; cbn [map fold_right]; [reflexivity|].
    rewrite IH'. unfold entry. ring.
  - transitivity (row_of r (fun j => 1 * f a j + 1 * rsum (fun a => f a j) l)).
    + unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry, rsum. cbn [map fold_right]. ring.
    + rewrite row_of_lin, IH. unfold rsum. cbn [map fold_right]. ring.
Qed.
Lemma in_output_entries k i : In (k, i) (output_entries m) -> output_entry m k i.
Proof.
  unfold output_entries. intros H. apply in_flat_map in H as ([k' n] & Hn & H). apply in_numbered in Hn.
  apply in_map_iff in H as (i' & [= <- <-] & Hi). apply in_upto in Hi. exists n. auto.
Qed.

Section Invariant.
Variable L : subspace.
Hypothesis HL : invariant_for m L sigma.

(** The gradient of every loss is a direction of L at every point of L. *)
Theorem gradient_tangent data theta : in_subspace L theta -> all_regular data theta -> tangent L (loss_gradient data theta).
Proof.
  intros Hth Hreg r Hr. unfold loss_gradient.
  rewrite (row_of_rsum r (fun d j => rsum (fun e => s_slope d e theta * partial (F m sigma (s_input d) (fst e) (snd e)) j theta) (output_entries m))).
  transitivity (rsum (fun _ : sample => 0) data).
  2:{ unfold rsum. induction data; cbn [map fold_right]; [reflexivity|]. rewrite IHdata; [ring|]. intros d Hd. apply Hreg. now right. }
  apply rsum_ext. intros d Hd.
  rewrite (row_of_rsum r (fun e j => s_slope d e theta * partial (F m sigma (s_input d) (fst e) (snd e)) j theta)).
  transitivity (rsum (fun _ : N * N => 0) (output_entries m)).
  2:{ unfold rsum. induction (output_entries m); cbn [map fold_right]; [reflexivity|]. rewrite IHl. ring. }
  apply rsum_ext. intros [k i] He. cbn [fst snd].
  destruct (HL theta Hth (s_input d) (Hreg d Hd) k i (in_output_entries k i He)) as [_ G].
  transitivity (row_of r (fun j => s_slope d (k, i) theta * partial (F m sigma (s_input d) k i) j theta + 0 * 0)).
  { unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring. }
  rewrite row_of_lin. specialize (G r Hr). unfold row_gradient, partial_p in G. unfold row_of at 1, entry. rewrite G. ring.
Qed.

(** A step of (stochastic) gradient descent, with any step size, any batch and any loss, stays in L. *)
Theorem descent_step data eta theta : in_subspace L theta -> all_regular data theta ->
  in_subspace L (fun j => theta j - eta * loss_gradient data theta j).
Proof.
  intros Hth Hreg r Hr. transitivity (row_of r (fun j => 1 * theta j + (- eta) * loss_gradient data theta j)).
  { unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring. }
  rewrite row_of_lin, (Hth r Hr), (gradient_tangent data theta Hth Hreg r Hr). ring.
Qed.
(** With momentum: the buffer stays a direction of L, and the parameters stay in L. *)
Theorem momentum_step data eta mu theta buffer : in_subspace L theta -> tangent L buffer -> all_regular data theta ->
  let buffer' := fun j => mu * buffer j + 1 * loss_gradient data theta j in
  tangent L buffer' /\ in_subspace L (fun j => 1 * theta j + (- eta) * buffer' j).
Proof.
  intros Hth Hb Hreg buffer'. assert (T : tangent L buffer').
  { intros r Hr. unfold buffer'. rewrite row_of_lin, (Hb r Hr), (gradient_tangent data theta Hth Hreg r Hr). ring. }
  split; [exact T|]. intros r Hr. rewrite row_of_lin, (Hth r Hr), (T r Hr). ring.
Qed.
(** Weight decay keeps linear subspaces. *)
Theorem weight_decay_step data eta lambda theta : linear L -> in_subspace L theta -> all_regular data theta ->
  in_subspace L (fun j => (1 - eta * lambda) * theta j + (- eta) * loss_gradient data theta j).
Proof.
  intros Hlin Hth Hreg r Hr. rewrite row_of_lin, (Hth r Hr), (gradient_tangent data theta Hth Hreg r Hr), (Hlin r Hr). ring.
Qed.
(** Steps that treat every parameter alike, by an odd function of its past gradients (Adam, RMSProp, signSGD), keep signed polydiagonals. *)
Theorem elementwise_step (phi : list R -> R) (history : list vec) theta :
  (forall l, phi (map Ropp l) = - phi l) -> (forall r, In r (s_rows L) -> signed_row r) -> in_subspace L theta ->
  (forall g, In g history -> tangent L g) -> in_subspace L (fun j => theta j - phi (map (fun g => g j) history)).
Proof.
  intros Hodd Hrows Hth Hg r Hr. destruct (Hrows r Hr) as (Hc & p & a & Ha & Hcase). specialize (Hth r Hr).
  rewrite Hc in *. unfold row_of in *.
  assert (Hg' : forall g, In g history -> row_of r g = 0) by (intros g Hin; now apply (Hg g Hin)). unfold row_of in Hg'.
  assert (Z : forall l : list R, (forall x, In x l -> x = 0) -> phi l = 0).
  { intros l Hl. assert (E : map Ropp l = l).
    { clear -Hl. induction l as [|x l IH]; cbn [map]; [reflexivity|]. rewrite IH by (intros; apply Hl; now right). rewrite (Hl x) by (now left). now rewrite Ropp_0. }
    specialize (Hodd l). rewrite E in Hodd. lra. }
  destruct Hcase as [E|(q & e & He & E)]; rewrite E in *; unfold rsum, entry in *; cbn [map fold_right fst snd] in *.
  - rewrite (Z (map (fun g => g (N.succ_pos p)) history)); [lra|]. intros y Hy. apply in_map_iff in Hy as (g & <- & Hin).
    specialize (Hg' g Hin). rewrite Ha in Hg'. lra.
  - assert (G : phi (map (fun g => g (N.succ_pos p)) history) = - Q2R e * phi (map (fun g => g (N.succ_pos q)) history)).
    { destruct He as [He|He]; rewrite He in *.
      - transitivity (- phi (map (fun g => g (N.succ_pos q)) history)); [|ring].
        rewrite <- Hodd, map_map. f_equal. apply map_ext_in. intros g Hin. specialize (Hg' g Hin). rewrite Ha in Hg'. lra.
      - transitivity (phi (map (fun g => g (N.succ_pos q)) history)); [|ring].
        f_equal. apply map_ext_in. intros g Hin. specialize (Hg' g Hin). rewrite Ha in Hg'. lra. }
    rewrite G, Ha in *. destruct He as [He|He]; rewrite He in *; lra.
Qed.
End Invariant.
End Training.

(** ** Gradient flows *)
Definition crow_of (r : row) : Checks.crow := {| Checks.c_row := scalar_row r; Checks.c_piv := N.succ_pos (pivot r); Checks.c_inv := 1 |}.
Lemma dot_row_of r v : dot (scalar_row r) v = row_of r v.
Proof. rewrite dot_scalar_row. reflexivity. Qed.

(** in reduced row echelon form the projection along the pivots ends in the linear part *)
Lemma pivots_ok L r : In r (s_rows L) -> is_pivot (pivots L) (pivot r) = true.
Proof.
  unfold pivots. assert (G : forall l s, (In r l \/ is_pivot s (pivot r) = true) ->
    is_pivot (fold_left (fun s r => PM.add (N.succ_pos (pivot r)) tt s) l s) (pivot r) = true).
  { induction l as [|a l IH]; cbn [fold_left]; intros s [H|H]; [easy|exact H| |].
    - apply IH. destruct H as [->|H]; [right; unfold is_pivot; now rewrite PM.gss|now left].
    - apply IH. right. unfold is_pivot in *. destruct (N.eq_dec (pivot a) (pivot r)) as [->|D]; [now rewrite PM.gss|].
      rewrite PM.gso; [exact H|]. intros K. apply D. symmetry. now apply succ_pos_inj. }
  intros H. apply G. now left.
Qed.
Lemma increasing_distinct l : increasing l = true -> NoDup l.
Proof.
  assert (G : forall l a, increasing (a :: l) = true -> forall b, In b l -> (a < b)%N).
  { induction l0 as [|c l0 IH]; intros a H b Hb; [easy|]. cbn [increasing] in H. apply andb_prop in H as [H1 H2]. apply N.ltb_lt in H1.
    destruct Hb as [<-|Hb]; [exact H1|]. specialize (IH c H2 b Hb). lia. }
  induction l as [|a l IH]; intros H; constructor.
  - intros K. specialize (G l a H a K). lia.
  - apply IH. destruct l as [|b l]; [reflexivity|]. cbn [increasing] in H. now apply andb_prop in H as [_ H].
Qed.
Section Echelon.
Variable m : model.
Variable L : subspace.
Hypothesis Hok : subspace_ok m L = true.
Lemma echelon r : In r (s_rows L) -> exists q tl, r_entries r = (pivot r, q) :: tl /\ Q2R q = 1 /\
  forall e r', In e tl -> In r' (s_rows L) -> fst e <> pivot r'.
Proof.
  intros Hr. unfold subspace_ok in Hok. cbv zeta in Hok. apply andb_prop in Hok as [[[H1 H2]%andb_prop H3]%andb_prop _].
  rewrite forallb_forall in H1, H3. specialize (H1 r Hr). specialize (H3 r Hr). unfold row_ok in H1. unfold pivot at 1.
  destruct (r_entries r) as [|[p q] tl]; [easy|]. apply andb_prop in H1 as [[H1 _]%andb_prop _]. exists q, tl.
  split; [reflexivity|]. split; [rewrite (qeqb_ok _ _ H1); apply Q2R_1|]. intros e r' He Hr' E. cbn [List.tl] in H3.
  rewrite forallb_forall in H3. specialize (H3 e He). rewrite E, (pivots_ok L r' Hr') in H3. discriminate.
Qed.
Lemma proj_other u p : (forall r, In r (s_rows L) -> p <> pivot r) -> Checks.proj (map crow_of (s_rows L)) u (N.succ_pos p) = u (N.succ_pos p).
Proof.
  intros H. induction (s_rows L) as [|r l IH]; cbn [map Checks.proj]; [reflexivity|]. cbn [crow_of Checks.c_piv].
  destruct (Pos.eqb_spec (N.succ_pos p) (N.succ_pos (pivot r))) as [E|_]; [exfalso; apply (H r (or_introl eq_refl)); now apply succ_pos_inj|].
  apply IH. intros r' Hr'. apply H. now right.
Qed.
Lemma proj_pivot u r : In r (s_rows L) -> Checks.proj (map crow_of (s_rows L)) u (N.succ_pos (pivot r)) = u (N.succ_pos (pivot r)) - row_of r u.
Proof.
  assert (ND : NoDup (map pivot (s_rows L))).
  { unfold subspace_ok in Hok. cbv zeta in Hok. apply andb_prop in Hok as [[[_ H2]%andb_prop _]%andb_prop _]. now apply increasing_distinct. }
  induction (s_rows L) as [|a l IH]; intros Hr; [easy|]. cbn [map Checks.proj crow_of Checks.c_piv Checks.c_inv Checks.c_row] in *.
  inversion ND as [|x y Hx Hy]; subst. destruct Hr as [->|Hr].
  - rewrite Pos.eqb_refl, Q2R_1, dot_row_of. ring.
  - destruct (Pos.eqb_spec (N.succ_pos (pivot r)) (N.succ_pos (pivot a))) as [E|_]; [|now apply IH].
    exfalso. apply succ_pos_inj in E. apply Hx. rewrite <- E. now apply in_map.
Qed.
Lemma proj_linear u r : In r (s_rows L) -> row_of r (Checks.proj (map crow_of (s_rows L)) u) = 0.
Proof.
  intros Hr. destruct (echelon r Hr) as (q & tl & E & Hq & Htl). assert (P := proj_pivot u r Hr).
  unfold row_of in *. rewrite E in *. unfold rsum in *. cbn [map fold_right fst snd] in *. unfold entry at 1. rewrite P, Hq.
  assert (X : fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry (Checks.proj (map crow_of (s_rows L)) u) (fst e)) tl)
    = fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry u (fst e)) tl)).
  { f_equal. apply map_ext_in. intros e He. unfold entry. rewrite proj_other; [reflexivity|]. intros r' Hr'. now apply Htl. }
  rewrite X. unfold entry. ring.
Qed.

(** a point of L: the constants at the pivots, 0 elsewhere *)
Definition base : vec := fun j => rsum (fun r => if Pos.eqb j (N.succ_pos (pivot r)) then Q2R (r_constant r) else 0) (s_rows L).
Lemma base_other p : (forall r, In r (s_rows L) -> p <> pivot r) -> entry base p = 0.
Proof.
  unfold entry, base. intros H. induction (s_rows L) as [|r l IH]; unfold rsum in *; cbn [map fold_right]; [reflexivity|].
  destruct (Pos.eqb_spec (N.succ_pos p) (N.succ_pos (pivot r))) as [E|_]; [exfalso; apply (H r (or_introl eq_refl)); now apply succ_pos_inj|].
  rewrite IH; [ring|]. intros r' Hr'. apply H. now right.
Qed.
Lemma base_pivot r : In r (s_rows L) -> entry base (pivot r) = Q2R (r_constant r).
Proof.
  assert (ND : NoDup (map pivot (s_rows L))).
  { unfold subspace_ok in Hok. cbv zeta in Hok. apply andb_prop in Hok as [[[_ H2]%andb_prop _]%andb_prop _]. now apply increasing_distinct. }
  unfold entry, base. induction (s_rows L) as [|a l IH]; intros Hr; [easy|]. unfold rsum in *. cbn [map fold_right] in *.
  inversion ND as [|x y Hx Hy]; subst. destruct Hr as [->|Hr].
  - rewrite Pos.eqb_refl. assert (Z : fold_right Rplus 0 (map (fun r0 => if Pos.eqb (N.succ_pos (pivot r)) (N.succ_pos (pivot r0)) then Q2R (r_constant r0) else 0) l) = 0); [|rewrite Z; ring].
    clear -Hx. induction l as [|b l IH]; cbn [map fold_right]; [reflexivity|].
    destruct (Pos.eqb_spec (N.succ_pos (pivot r)) (N.succ_pos (pivot b))) as [E|_]; [exfalso; apply Hx; left; apply succ_pos_inj in E; now symmetry|].
    rewrite IH; [ring|]. intros K. apply Hx. now right.
  - destruct (Pos.eqb_spec (N.succ_pos (pivot r)) (N.succ_pos (pivot a))) as [E|_].
    + exfalso. apply succ_pos_inj in E. apply Hx. rewrite <- E. now apply in_map.
    + rewrite IH by assumption. ring.
Qed.
Lemma base_in : in_subspace L base.
Proof.
  intros r Hr. destruct (echelon r Hr) as (q & tl & E & Hq & Htl). unfold row_of. rewrite E. unfold rsum. cbn [map fold_right fst snd].
  rewrite base_pivot by exact Hr. rewrite Hq.
  assert (X : fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry base (fst e)) tl) = 0).
  { clear -Htl. induction tl as [|e tl IH]; cbn [map fold_right]; [reflexivity|].
    rewrite base_other; [|intros r' Hr'; apply Htl; [now left|exact Hr']]. rewrite IH; [ring|]. intros e' r' He' Hr'. apply Htl; [now right|exact Hr']. }
  rewrite X. ring.
Qed.

Lemma lipb_shift T f b : Flow.lipb_until T f -> Flow.lipb_until T (fun t u => f t (fun j => u j + b j)).
Proof.
  intros (I & H). exists I. intros B.
  set (M := lsum (map (fun i => Rabs (b i)) I)).
  destruct (H (B + M)) as (K & HK & Hl). exists K. split; [exact HK|]. intros t u v Ht Hu Hv.
  assert (S : forall w, Flow.box I B w -> Flow.box I (B + M) (fun j => w j + b j)).
  { intros w Hw i Hi. eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; [now apply Hw|].
    apply (Flow.lsum_mem (fun i => Rabs (b i))); [intros; apply Rabs_pos|exact Hi]. }
  specialize (Hl t _ _ Ht (S u Hu) (S v Hv)). replace (Flow.dist I u v) with (Flow.dist I (fun j => u j + b j) (fun j => v j + b j)); [exact Hl|].
  unfold Flow.dist. apply Flow.lsum_eq. intros i _. f_equal. ring.
Qed.

(** Every solution of theta' = -G(t, theta) that starts in L stays in L, where G is a direction of L at every point of L.
    Of the field only its part across L is assumed Lipschitz on bounded sets; existence of solutions is not claimed. *)
Theorem field_stays (G : R -> vec -> vec) T theta :
  (forall t u, 0 <= t <= T -> in_subspace L u -> tangent L (G t u)) ->
  (forall r, In r (s_rows L) -> Flow.lipb_until T (fun t u => row_of r (G t u))) ->
  (forall t, 0 <= t <= T -> forall j, is_derive (fun t => theta t j) t (- G t (theta t) j)) ->
  in_subspace L (theta 0) -> forall t, 0 <= t <= T -> in_subspace L (theta t).
Proof.
  intros HG Hlip Hflow H0.
  set (C := map crow_of (s_rows L)). set (shift := fun (u : vec) j => u j + base j).
  set (Wf := fun (c : Checks.crow) (t : R) (u : vec) => dot (Checks.c_row c) (G t (shift u))).
  assert (Cin : forall c, In c C -> exists r, In r (s_rows L) /\ c = crow_of r).
  { intros c Hc. apply in_map_iff in Hc as (r & <- & Hr). eauto. }
  assert (Stay := Flow.tangent_stays C Wf (fun j t => - G t (theta t) j) T (fun t j => theta t j - base j)).
  assert (Sh : forall t, shift (fun j => theta t j - base j) = theta t).
  { intros t. apply FunctionalExtensionality.functional_extensionality. intros j. unfold shift. ring. }
  intros t Ht r Hr. 
  assert (K : Checks.in_L C (fun j => theta t j - base j)).
  { apply Stay; [| | | | |exact Ht].
    - intros c t' u Hc Ht'. destruct (Cin c Hc) as (r' & Hr' & ->). unfold Wf. cbn [crow_of Checks.c_row]. rewrite dot_row_of.
      assert (In_ : in_subspace L (shift (Checks.proj C u))).
      { intros r0 Hr0. transitivity (row_of r0 (fun j => 1 * Checks.proj C u j + 1 * base j)).
        - unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry, shift. ring.
        - rewrite row_of_lin. unfold C. rewrite (proj_linear u r0 Hr0), (base_in r0 Hr0). ring. }
      apply (HG t' _ Ht' In_ r' Hr').
    - intros c Hc. destruct (Cin c Hc) as (r' & Hr' & ->).
      apply (Flow.lipb_until_ext T (fun t u => row_of r' (G t (shift u)))).
      + intros t' u. unfold Wf. cbn [crow_of Checks.c_row]. now rewrite dot_row_of.
      + apply (lipb_shift T (fun t u => row_of r' (G t u)) base). now apply Hlip.
    - intros j t' Ht'. replace (- G t' (theta t') j) with (minus (- G t' (theta t') j) 0)
        by (unfold minus, plus, opp; simpl; ring).
      apply (is_derive_minus (fun t => theta t j) (fun _ => base j)); [now apply Hflow|apply @is_derive_const].
    - intros c t' Hc Ht'. unfold Wf. rewrite Sh.
      rewrite (dot_ext _ _ (fun j => (-1) * G t' (theta t') j)) by (intros; ring). rewrite Flow.dot_scal. ring.
    - intros c Hc. destruct (Cin c Hc) as (r' & Hr' & ->). cbn [crow_of Checks.c_row]. rewrite dot_row_of.
      transitivity (row_of r' (fun j => 1 * theta 0 j + (-1) * base j)).
      + unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring.
      + rewrite row_of_lin, (H0 r' Hr'), (base_in r' Hr'). ring. }
  specialize (K (crow_of r) (in_map crow_of _ r Hr)). cbn [crow_of Checks.c_row] in K. rewrite dot_row_of in K.
  assert (K' : row_of r (fun j => 1 * theta t j + (-1) * base j) = 0).
  { rewrite <- K. unfold row_of. apply rsum_ext. intros e _. f_equal. unfold entry. ring. }
  rewrite row_of_lin, (base_in r Hr) in K'. lra.
Qed.
(** Every solution of the gradient flow of every finite data set and every differentiable loss that starts in L stays in L. *)
Theorem flow_stays sigma data T theta :
  invariant_for m L sigma ->
  (forall u, in_subspace L u -> all_regular m sigma data u) ->
  gradients_lipschitz m sigma L -> slopes_bounded m data T theta ->
  follows_flow m sigma data T theta -> in_subspace L (theta 0) -> forall t, 0 <= t <= T -> in_subspace L (theta t).
Proof.
  intros HL Hreg Hlip Hb Hflow.
  (* the losses' slopes are taken along the solution, the gradients of F wherever they are wanted *)
  set (frozen := fun t => map (fun d => {| s_input := s_input d; s_slope := fun e _ => s_slope d e (theta t) |}) data).
  apply (field_stays (fun t u => loss_gradient m sigma (frozen t) u)).
  - intros t u _ Hu. apply (gradient_tangent m sigma L HL); [exact Hu|]. intros d' Hd'. unfold frozen in Hd'. apply in_map_iff in Hd' as (d & <- & Hd). exact (Hreg u Hu d Hd).
  - intros r Hr.
    apply (Flow.lipb_until_ext T (fun t u => lsum (map (fun d => lsum (map (fun e => s_slope d e (theta t) * row_gradient r (F m sigma (s_input d) (fst e) (snd e)) u) (output_entries m))) data))).
    + intros t u. unfold loss_gradient, frozen. rewrite (row_of_rsum r (fun d j => rsum (fun e => s_slope d e u * partial (F m sigma (s_input d) (fst e) (snd e)) j u) (output_entries m))).
      unfold rsum at 1. rewrite map_map. cbn [s_input s_slope]. unfold lsum. f_equal. apply map_ext. intros d.
      rewrite (row_of_rsum r (fun e j => s_slope d e (theta t) * partial (F m sigma (s_input d) (fst e) (snd e)) j u)). unfold rsum at 1. f_equal. apply map_ext. intros e.
      transitivity (row_of r (fun j => s_slope d e (theta t) * partial (F m sigma (s_input d) (fst e) (snd e)) j u + 0 * 0)).
      * rewrite row_of_lin. unfold row_gradient, partial_p, row_of at 1, entry. ring.
      * unfold row_of. apply rsum_ext. intros a _. unfold entry. ring.
    + apply (Flow.lipb_until_sum T (fun d t u => _)). intros d Hd. apply (Flow.lipb_until_sum T (fun e t u => _)). intros [k i] He.
      apply Flow.lipb_until_scaled; [exact (Hb d (k, i) Hd He)|]. apply Flow.lipb_always. apply Hlip; [exact Hr|now apply in_output_entries].
  - intros t Ht j. assert (E : loss_gradient m sigma (frozen t) (theta t) j = loss_gradient m sigma data (theta t) j).
    { unfold loss_gradient, frozen, rsum at 1 3. rewrite map_map. reflexivity. }
    rewrite E. now apply Hflow.
Qed.
End Echelon.

(** ** The condition on the architecture holds for smooth functions *)
Lemma lip1_ext f g : (forall t, f t = g t) -> Flow.lip1 f -> Flow.lip1 g.
Proof. intros E H B. destruct (H B) as (K & HK & Hl). exists K. split; [exact HK|]. intros a b. rewrite <- !E. apply Hl. Qed.
(** a function with a derivative, both Lipschitz on bounded intervals *)
Definition lipschitz_derivative (g : R -> R) : Prop := (forall t, ex_derive g t) /\ Flow.lip1 g /\ Flow.lip1 (Derive g).
Definition used (m : model) (f : text) : Prop := (exists d, In (f, d) (m_activations m)) \/ exists s a o, In (NApply s a f o) (m_nodes m).
Definition smooth_functions (m : model) (sigma : text -> R -> R) : Prop := forall f, used m f -> lipschitz_derivative (sigma f).
(** tanh, sigmoid, silu, exp, sine and the others of [Jets.fn] are such functions *)
Theorem named_lipschitz f : lipschitz_derivative (Jets.fn_fun f).
Proof.
  assert (D : forall t, is_derive (Jets.fn_fun f) t (Jets.jetR f 1 t)).
  { intros t. apply (is_derive_ext (Jets.jetR f 0)); [apply Jets.jet_fun|apply Jets.jet_derive]. }
  assert (C : forall n t, continuous (Jets.jetR f n) t) by (intros n t; apply (@ex_derive_continuous R_AbsRing R_NormedModule); eexists; apply Jets.jet_derive).
  split; [intros t; eexists; apply D|]. split; [exact (Flow.lip1_C1 _ _ D (C 1%nat))|].
  apply (lip1_ext (Jets.jetR f 1)); [intros t; symmetry; apply is_derive_unique, D|]. exact (Flow.lip1_C1 _ _ (Jets.jet_derive f 1) (C 2%nat)).
Qed.
Lemma lip1_const c : Flow.lip1 (fun _ => c).
Proof. intros B. exists 0. split; [lra|]. intros a b _ _. rewrite Rminus_eq_0, Rabs_R0. lra. Qed.
Lemma scalar_smooth m assumptions sigma : admissible m assumptions sigma -> smooth_functions m sigma -> Flow.acts_c11 (scalar_s m assumptions sigma).
Proof.
  intros Ha Hs k d. unfold scalar_s. destruct (nth_error (m_activations m) (pred (Pos.to_nat k))) as [[f def]|] eqn:E; [|apply lip1_const].
  apply nth_error_In in E. destruct (Hs f (or_introl (ex_intro _ def E))) as (D & L0 & L1). cbv zeta. destruct (Slp.f_step (facts_of assumptions (f, def))) eqn:St.
  - destruct (step_ok m assumptions sigma Ha f def E St) as (p & q & _ & Dk & Hs' & _). exfalso. apply (Named.kink p q Dk).
    apply (ex_derive_ext (sigma f)); [exact Hs'|]. apply D.
  - destruct d; [|exact L0]. apply (lip1_ext (Derive (sigma f))); [|exact L1]. intros t. apply is_derive_unique.
    apply (scalar_d_ok m assumptions sigma Ha); [exact E|apply D].
Qed.
Theorem gradients_lipschitz_smooth all m assumptions sm outs sigma L : scalar_model all m assumptions = Some (sm, outs) ->
  admissible m assumptions sigma -> smooth_functions m sigma -> gradients_lipschitz m sigma L.
Proof.
  intros Hm Ha Hs r _ x k i Hki. destruct (scalar_model_ok _ _ _ _ _ Hm) as (_ & _ & Hout). destruct (Hout k i Hki) as (o & _ & _ & So).
  apply (Flow.lipb_ext (fun u => Expr.tanE (scalar_s m assumptions sigma) u x (rowvec (scalar_row r)) (Checks.out sm o))).
  - intros u. symmetry. destruct (scalar_gradient m assumptions sm k i o sigma x u So Ha) as (_ & _ & G); [|apply G].
    intros n sh a f o' i' Hn _. apply (Hs f). right. exists sh, a, o'. exact (nth_error_In _ _ Hn).
  - now apply Flow.tanE_lip, scalar_smooth.
Qed.

(** ** A refuted subspace is left by some flow *)
Definition one_output (x : vec) (k i : N) : sample :=
  {| s_input := x; s_slope := fun e _ => if (N.eqb (fst e) k && N.eqb (snd e) i)%bool then 1 else 0 |}.
Lemma one_output_gradient m sigma x k i theta j : output_entry m k i ->
  loss_gradient m sigma [one_output x k i] theta j = partial (F m sigma x k i) j theta.
Proof.
  intros (n & Hn & Hi). unfold loss_gradient, rsum at 1. cbn [map fold_right one_output s_input s_slope]. rewrite Rplus_0_r.
  assert (I : In (k, i) (output_entries m)).
  { unfold output_entries. apply in_flat_map. exists (k, n). split; [now apply in_numbered|]. apply in_map_iff. exists i. split; [reflexivity|]. now apply in_upto. }
  assert (ND : NoDup (output_entries m)).
  { unfold output_entries, numbered. generalize 0%N as z. generalize (m_outputs m) as l. clear.
    induction l as [|o l IH]; intros z; cbn [number_from flat_map fst snd]; [constructor|].
    assert (D : forall a, In a (map (fun i => (z, i)) (upto (size (shape_at m o)))) -> ~ In a (flat_map (fun kn => map (fun i => (fst kn, i)) (upto (size (shape_at m (snd kn))))) (number_from (N.succ z) l))).
    { intros a Ha Hb. apply in_map_iff in Ha as (i & <- & _). apply in_flat_map in Hb as ([k' n'] & Hk & Hb). apply in_number_from in Hk as [Hk _].
      apply in_map_iff in Hb as (i' & [= E _] & _). cbn [fst] in E. lia. }
    assert (N1 : NoDup (map (fun i => (z, i)) (upto (size (shape_at m o))))).
    { apply FinFun.Injective_map_NoDup; [intros a b [= E]; exact E|apply upto_nodup]. }
    revert D N1. generalize (map (fun i => (z, i)) (upto (size (shape_at m o)))) as h. specialize (IH (N.succ z)).
    induction h as [|a h IHh]; intros D N1; cbn [app]; [exact IH|]. inversion N1; subst. constructor.
    - intros K. apply in_app_iff in K as [K|K]; [easy|]. apply (D a); [now left|exact K].
    - apply IHh; [|assumption]. intros b Hb. apply D. now right. }
  revert I ND. induction (output_entries m) as [|[k' i'] l IH]; intros I ND; [easy|]. inversion ND as [|u v Hu Hv]; subst.
  unfold rsum in *. cbn [map fold_right fst snd]. destruct (N.eqb_spec k' k) as [->|Dk], (N.eqb_spec i' i) as [->|Di]; cbn [andb];
    try (destruct I as [E0|I]; [congruence|]; rewrite (IH I Hv); ring).
  assert (Z : fold_right Rplus 0 (map (fun e => (if (N.eqb (fst e) k && N.eqb (snd e) i)%bool then 1 else 0) * partial (F m sigma x (fst e) (snd e)) j theta) l) = 0); [|rewrite Z; ring].
  clear -Hu. induction l as [|[a b] l IH]; cbn [map fold_right fst snd]; [reflexivity|]. rewrite IH by (intros K; apply Hu; now right).
  destruct (N.eqb_spec a k) as [->|], (N.eqb_spec b i) as [->|]; cbn [andb]; try ring. exfalso. apply Hu. now left.
Qed.

(** Where C grad F does not vanish, the flow of one sample with the linear loss F_c leaves L at once. *)
Theorem flow_leaves m L sigma : not_invariant_for m L sigma ->
  exists theta0 x k i, in_subspace L theta0 /\ regular m sigma theta0 x /\
  forall T theta, 0 < T -> follows_flow m sigma [one_output x k i] T theta -> (forall j, theta 0 j = theta0 j) ->
  ~ exists eps, 0 < eps <= T /\ forall t, 0 <= t < eps -> in_subspace L (theta t).
Proof.
  intros (theta0 & x & k & i & r & H1 & H2 & H3 & _ & Hr & Hne). exists theta0, x, k, i. split; [exact H1|]. split; [exact H2|].
  intros T theta HT Hflow Hinit (eps & [Heps _] & Hstay).
  assert (E0 : theta 0 = theta0) by (apply FunctionalExtensionality.functional_extensionality; exact Hinit).
  assert (D : is_derive (fun t => row_of r (theta t)) 0 (- row_gradient r (F m sigma x k i) theta0)).
  { apply (is_derive_ext (fun t => dot (scalar_row r) (theta t))); [intros t; apply dot_row_of|].
    replace (- row_gradient r (F m sigma x k i) theta0) with (dot (scalar_row r) (fun j => - loss_gradient m sigma [one_output x k i] (theta 0) j)).
    - apply Flow.is_derive_dot. intros j. apply Hflow. lra.
    - rewrite (dot_ext _ _ (fun j => (-1) * partial (F m sigma x k i) j theta0)) by (intros j; rewrite one_output_gradient, E0 by exact H3; ring).
      rewrite Flow.dot_scal, dot_scalar_row. unfold row_gradient, partial_p. ring. }
  set (l := - row_gradient r (F m sigma x k i) theta0) in *. assert (Hl : l <> 0) by (unfold l; lra).
  apply Hl, (Flow.start_constant (fun t => row_of r (theta t)) l (Q2R (r_constant r)) eps D Heps). intros t Ht. exact (Hstay t Ht r Hr).
Qed.
