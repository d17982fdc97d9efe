(** * The tangent of an array program with chosen slopes is that of its scalar program. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp.
From SimCert Require Import Syntax Printer Parser Meaning Scalar ChainRule Slopes.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** the derivative of a polynomial as Horner's scheme gives it *)
Fixpoint slope_polynomial (c : list Q) (t : R) : R := match c with [] => 0 | _ :: c' => polynomial c' t + t * slope_polynomial c' t end.

Section Dual.
Variable E : positive -> expr.
Variable s : positive -> bool -> R -> R.
Variables th x d : vec.
Variable m : model.
Variable treat : text -> option treatment.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Definition treated_with (f : text) : Prop :=
  match treat f with
  | Some (Atom j) => forall z, s j false z = sigma f z /\ s j true z = slope f 0%N z
  | Some (Expand c) => forall z, sigma f z = polynomial c z /\ slope f 0%N z = slope_polynomial c z
  | Some (Signed a b j) => forall z, sigma f z = Q2R a * z + Q2R b * (z * s j false z) /\ slope f 0%N z = Q2R a + Q2R b * s j false z /\ s j true z = 0
  | None => True
  end.
Hypothesis Htreat : forall f, treated_with f.

(** scalar node [p] has the value [v] and the tangent [w] *)
Definition stands (p : positive) (v w : R) : Prop := evalE s th x (E p) = v /\ tanE s th x d (E p) = w.
Definition array_stands (a : array) (v w : arr) : Prop := forall i p, fetch a i = Some p -> stands p (v i) (w i).

Lemma stands_list {A} (f g : A -> R) l ps : Forall2 (fun a p => stands p (f a) (g a)) l ps ->
  forall q, E q = Slp.expr_of E (Slp.NSum ps) -> stands q (rsum f l) (rsum g l).
Proof.
  intros H q Hq. unfold stands. rewrite Hq. cbn [Slp.expr_of]. clear Hq. induction H as [|a p l ps [H1 H2] H [I1 I2]]; cbn [fold_right evalE tanE].
  - split; [apply Q2R_0|reflexivity].
  - unfold rsum in *. cbn [map fold_right]. rewrite H1, H2, I1, I2. auto.
Qed.
Lemma sound_total_with {A} (f g : A -> R) l ps : sound E (total ps) (fun q => Forall2 (fun a p => stands p (f a) (g a)) l ps -> stands q (rsum f l) (rsum g l)).
Proof.
  assert (G : sound E (emit (Slp.NSum ps)) (fun q => Forall2 (fun a p => stands p (f a) (g a)) l ps -> stands q (rsum f l) (rsum g l))).
  { eapply sound_weaken; [apply sound_emit|]. intros q Hq H. now apply (stands_list f g l ps). }
  destruct ps as [|p [|]]; try exact G. apply sound_ret. intros H. inversion H as [|a b l1 l2 H1 H2]; subst. inversion H2; subst.
  unfold rsum. cbn [map fold_right]. now rewrite !Rplus_0_r.
Qed.
Fixpoint product_rule {A} (f g : A -> R) (l : list A) : R := match l with [] => 0 | a :: l' => g a * rprod f l' + f a * product_rule f g l' end.
Lemma product_rule_dprod v w e ops : dprod v w ops e =
  product_rule (fun at_s : N * (text * list N) => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) (fun at_s => w (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops.
Proof. induction ops as [|[a [t sh]] ops IH]; cbn [dprod product_rule fst snd]; [reflexivity|]. now rewrite IH. Qed.
Lemma sound_product_with {A} (f g : A -> R) l ps : sound E (product ps) (fun q => Forall2 (fun a p => stands p (f a) (g a)) l ps -> stands q (rprod f l) (product_rule f g l)).
Proof.
  destruct ps as [|p [|q [|]]]; cbn [product]; try apply sound_fail.
  - apply sound_ret. intros H. inversion H as [|a b l1 l2 [H1 H1'] H2]; subst. inversion H2; subst.
    unfold stands. cbn [product_rule]. unfold rprod. cbn [map fold_right]. rewrite H1, H1'. split; ring.
  - eapply sound_weaken; [apply sound_emit|]. intros r Hr H.
    inversion H as [|a b l1 l2 [H1 H1'] H2]; subst. inversion H2 as [|a' b' l1' l2' [H3 H3'] H4]; subst. inversion H4; subst.
    unfold stands. rewrite Hr. cbn [Slp.expr_of evalE tanE]. cbn [product_rule]. unfold rprod. cbn [map fold_right]. rewrite H1, H1', H3, H3'. split; ring.
Qed.
Lemma sound_horner_with c p z w : sound E (horner c p) (fun q => stands p z w -> stands q (polynomial c z) (slope_polynomial c z * w)).
Proof.
  revert p; induction c as [|a c IH]; intros p; cbn [horner].
  - eapply sound_weaken; [apply sound_emit|]. intros q Hq _. unfold stands. rewrite Hq. cbn. split; [apply Q2R_0|ring].
  - destruct c as [|b c].
    + eapply sound_weaken; [apply sound_emit|]. intros q Hq _. unfold stands. rewrite Hq. cbn. split; ring.
    + eapply sound_bind; [apply IH|]. intros h. eapply sound_bind; [apply sound_emit|]. intros p1.
      eapply sound_bind; [apply sound_emit|]. intros q1. eapply sound_weaken; [apply sound_emit|].
      intros q Hq Hq1 Hp1 Hh Hp. destruct (Hh Hp) as [K1 K2]. destruct Hp as [P1 P2]. unfold stands.
      rewrite Hq. cbn [Slp.expr_of fold_right evalE tanE]. rewrite Hq1, Hp1. cbn [Slp.expr_of evalE tanE]. rewrite K1, K2, P1, P2, Q2R_0.
      change (polynomial (a :: b :: c) z) with (Q2R a + z * polynomial (b :: c) z).
      change (slope_polynomial (a :: b :: c) z) with (polynomial (b :: c) z + z * slope_polynomial (b :: c) z). split; ring.
Qed.
Lemma sound_signed_with a b j p z w : s j true z = 0 -> sound E (signed_form a b j p) (fun q => stands p z w ->
  stands q (Q2R a * z + Q2R b * (z * s j false z)) ((Q2R a + Q2R b * s j false z) * w)).
Proof.
  intros Hz. unfold signed_form.
  eapply sound_bind; [apply sound_emit|]. intros p1. eapply sound_bind; [apply sound_emit|]. intros p2. eapply sound_bind; [apply sound_emit|]. intros p3.
  eapply sound_bind; [apply sound_emit|]. intros p4. eapply sound_bind; [apply sound_emit|]. intros p5. eapply sound_bind; [apply sound_emit|]. intros p6.
  eapply sound_weaken; [apply sound_emit|]. intros q Hq H6 H5 H4 H3 H2 H1 [D1 D2]. unfold stands. rewrite Hq. cbn [Slp.expr_of fold_right evalE tanE].
  rewrite H6, H5. cbn [Slp.expr_of evalE tanE]. rewrite H4, H3, H2. cbn [Slp.expr_of evalE tanE]. rewrite H1. cbn [Slp.expr_of evalE tanE].
  rewrite D1, D2, Hz, Q2R_0. split; ring.
Qed.

Section Node.
Variable arrays : PM.t array.
Variables v w : N -> arr.
Hypothesis Harr : forall k a, array_of arrays k = Some a -> array_stands a (v k) (w k).
Lemma fetch_with k i p : fetch_at arrays k i = Some p -> stands p (v k i) (w k i).
Proof. unfold fetch_at. destruct (array_of arrays k) eqn:Ea; [|easy]. now apply Harr. Qed.
Lemma sound_node_with n : sound E (compile_node m treat arrays n)
  (fun ps => Forall2 (fun i p => stands p (node_value m sigma th x v n i) (node_tangent m slope d v w n i)) (upto (N.of_nat (length ps))) ps).
Proof.
  assert (Done : forall (c : comp (list positive)) (l : N) (g h : N -> R), sound E c (Forall2 (fun i p => stands p (g i) (h i)) (upto l)) ->
    sound E c (fun ps => Forall2 (fun i p => stands p (g i) (h i)) (upto (N.of_nat (length ps))) ps)).
  { intros c l g h H. eapply sound_weaken; [apply H|]. cbv beta. intros ps K.
    assert (N.of_nat (length ps) = l) as ->; [|exact K]. apply forall2_length in K. unfold upto in K. rewrite map_length, seq_length in K. lia. }
  destruct n as [sh name|sh names|sh name|sh values|sh args|sh args terms out|sh a ix|sh a ix|sh a f o]; cbn [compile_node].
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold stands. rewrite Hp. cbn. auto.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold stands. rewrite Hp. cbn. auto.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold stands. rewrite Hp. cbn. auto.
  - destruct (N.eqb_spec (N.of_nat (length values)) (size sh)) as [Hl|]; [|apply sound_fail]. apply (Done _ (N.of_nat (length values))).
    eapply sound_weaken.
    + apply (sound_map E _ (fun q p => stands p (Q2R q) 0)). intros q _. eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold stands. rewrite Hp. cbn. auto.
    + intros ps K. refine (Forall2_seq values _ _ ps 0%Q _ K). intros i p _ Hp. exact Hp.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _.
    eapply sound_bind; [apply (sound_map E _ (fun a p => stands p (v a i) (w a i)))|].
    + intros a _. apply sound_lift. intros p Hp. now apply fetch_with.
    + intros l. cbv beta. apply (sound_total_with (fun a => v a i) (fun a => w a i) args).
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. cbn [node_value node_tangent].
    set (shapes := map (shape_at m) args). rewrite !enumerate_ok. set (ops := combine args (combine terms shapes)).
    set (f := fun e (at_s : N * (text * list N)) => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)).
    set (g := fun e (at_s : N * (text * list N)) => w (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)).
    eapply sound_bind; [apply (sound_map E _ (fun e p => stands p (rprod (f e) ops) (dprod v w ops e)))|].
    + intros e _. unfold factors.
      eapply sound_bind; [apply (sound_map E _ (fun at_s p => stands p (f e at_s) (g e at_s)))|].
      * intros at_s _. apply sound_lift. intros p Hp. now apply fetch_with.
      * intros l. cbv beta. rewrite product_rule_dprod. apply (sound_product_with (f e) (g e)).
    + intros l. cbv beta. apply (sound_total_with (fun e => rprod (f e) ops) (dprod v w ops)).
  - destruct (N.eqb_spec (N.of_nat (length ix)) (size sh)) as [Hl|]; [|apply sound_fail]. apply (Done _ (N.of_nat (length ix))).
    eapply sound_weaken.
    + apply (sound_map E _ (fun k p => stands p (match k with Some k => v a k | None => 0 end) (match k with Some k => w a k | None => 0 end))). intros [k|] _.
      * apply sound_lift. intros p Hp. now apply fetch_with.
      * eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold stands. rewrite Hp. cbn. split; [apply Q2R_0|easy].
    + intros ps K. refine (Forall2_seq ix _ _ ps None _ K). intros i p _ Hp. exact Hp.
  - destruct (N.eqb_spec (N.of_nat (length ix)) (size (shape_at m a))) as [Hl|].
    + apply (Done _ (size sh)). rewrite !nrange_ok. apply sound_map. intros i _. cbn [node_value node_tangent]. rewrite <- Hl, (sum_filter (v a)), (sum_filter (w a)).
      eapply sound_bind; [apply (sound_map E _ (fun j p => stands p (v a (fst j)) (w a (fst j))))|].
      * intros j _. apply sound_lift. intros p Hp. now apply fetch_with.
      * intros l. cbv beta. apply (sound_total_with (fun j => v a (fst j)) (fun j => w a (fst j))).
    + apply (Done _ 0%N). apply sound_map. intros i [].
  - assert (T := Htreat f). unfold treated_with in T.
    destruct (treat f) as [[j|c|c b j]|]; [| | |apply sound_fail]; (destruct o as [|o]; [|apply sound_fail]);
      apply (Done _ (size sh)); rewrite nrange_ok; apply sound_map; intros i _;
      (eapply sound_bind; [apply (sound_lift E _ (fun p => stands p (v a i) (w a i))); intros p Hp; exact (fetch_with a i p Hp)|]); intros p; cbv beta;
      cbn [node_value node_tangent N.to_nat Derive_n]; destruct (T (v a i)) as [T1 T2].
    + eapply sound_weaken; [apply sound_emit|]. intros q Hq [P1 P2]. unfold stands. rewrite Hq. cbn [Slp.expr_of evalE tanE]. rewrite P1, P2, <- T1, <- T2. auto.
    + rewrite T1, T2. apply sound_horner_with.
    + destruct T2 as [T2 T3]. rewrite T1, T2. now apply sound_signed_with.
Qed.
End Node.

Lemma sound_nodes_with : forall l k arrays v w, sound E (compile_nodes m treat l (N.succ_pos k) arrays) (fun arrays' =>
  (forall j a, array_of arrays j = Some a -> array_stands a (v j) (w j)) ->
  forall j a, array_of arrays' j = Some a -> array_stands a (run m sigma th x l k v j) (run_tangent m sigma slope th x d l k v w j)).
Proof.
  induction l as [|n l IH]; intros k arrays v w; cbn [compile_nodes run run_tangent]; [now apply sound_ret|].
  eapply sound_bind; [apply (sound_imp E _ (forall j a, array_of arrays j = Some a -> array_stands a (v j) (w j)) (fun ps =>
    Forall2 (fun i p => stands p (node_value m sigma th x v n i) (node_tangent m slope d v w n i)) (upto (N.of_nat (length ps))) ps))|].
  - apply (mono_node E s th x True).
  - intros Harr. now apply sound_node_with.
  - intros ps. replace (Pos.succ (N.succ_pos k)) with (N.succ_pos (N.succ k)) by (destruct k; reflexivity).
    eapply sound_weaken; [apply (IH (N.succ k) _ (fun j => if N.eqb j k then node_value m sigma th x v n else v j)
      (fun j => if N.eqb j k then node_tangent m slope d v w n else w j))|].
    cbv beta. intros arrays' K Hps Harr. specialize (Hps Harr). apply K. intros j a. unfold array_of. destruct (N.eqb_spec j k) as [->|D].
    + rewrite PM.gss. intros [= <-] i p Hp. apply fetch_of_list in Hp.
      exact (Forall2_upto (fun i p => stands p (node_value m sigma th x v n i) (node_tangent m slope d v w n i)) ps Hps i p Hp).
    + rewrite PM.gso by (intros K'; apply D; apply (f_equal Pos.pred_N) in K'; now rewrite !N.pos_pred_succ in K'). apply Harr.
Qed.
End Dual.

Theorem compile_tangent m treat prog outs : compile m treat = Some (prog, outs) -> Slp.wf_from 1 prog = true ->
  forall s sigma slope th x d, (forall f, treated_with s treat sigma slope f) ->
  Forall2 (fun o ps => Forall2 (fun i p => stands (Slp.unroll prog) s th x d p (value m sigma th x o i) (tangent m sigma slope th x d o i)) (upto (size (shape_at m o))) ps)
    (m_outputs m) outs.
Proof.
  unfold compile. intros H W s sigma slope th x d Ht. set (E := Slp.unroll prog).
  match type of H with match ?c ?S with _ => _ end = _ => destruct (c S) as [[outs' [nx p]]|] eqn:Ec; [|easy]; set (cc := c) in Ec end.
  cbv zeta in H. rewrite rev_append_rev, app_nil_r in H. destruct (Pos.eqb_spec nx (Slp.advance 1 (rev p))) as [Hn|]; [|easy].
  injection H as Hp <-. rewrite Hp in Hn.
  assert (HE : holds E (Slp.advance 1 prog) p) by (unfold E; rewrite <- Hp; apply covers_holds; apply Slp.covers_unroll; now rewrite Hp).
  pattern outs'. match goal with |- ?P outs' => refine (proj2 ((_ : sound E cc P) (1%positive, []) outs' (nx, p) Ec _)) end; [|cbn [fst snd]; now rewrite Hn].
  unfold cc. eapply sound_bind; [apply (sound_nodes_with E s th x d m treat sigma slope Ht (m_nodes m) 0%N (PM.empty _) (fun _ _ => 0) (fun _ _ => 0))|].
  intros arrays. eapply sound_weaken; [apply (sound_map E _ (fun o ps => (forall j a, array_of arrays j = Some a -> array_stands E s th x d a (value m sigma th x j) (tangent m sigma slope th x d j)) ->
    Forall2 (fun i p => stands E s th x d p (value m sigma th x o i) (tangent m sigma slope th x d o i)) (upto (size (shape_at m o))) ps))|].
  - intros o _. apply sound_imp.
    + apply mono_map. intros. apply mono_lift.
    + intros Harr. rewrite nrange_ok. apply sound_map. intros i _. apply sound_lift. intros q Hq.
      now apply (fetch_with E s th x d arrays (value m sigma th x) (tangent m sigma slope th x d) Harr).
  - cbv beta. intros r K Hn0. assert (Harr : forall j a, array_of arrays j = Some a -> array_stands E s th x d a (value m sigma th x j) (tangent m sigma slope th x d j))
      by (apply Hn0; unfold array_of; intros j a; rewrite PM.gempty; discriminate).
    clear -K Harr. induction K; constructor; auto.
Qed.
