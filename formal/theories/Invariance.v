(** * Invariant affine subspaces by symbolic execution of the scalar program (methods identity and congruence). *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Lemma succ_pos_inj p q : N.succ_pos p = N.succ_pos q -> p = q.
Proof. intros H. apply (f_equal Pos.pred_N) in H. now rewrite !N.pos_pred_succ in H. Qed.
Lemma rsum_ext {A} (f g : A -> R) l : (forall a, In a l -> f a = g a) -> rsum f l = rsum g l.
Proof.
  unfold rsum. induction l; simpl; intros H; [easy|]. f_equal; [apply H; auto|apply IHl; intros; apply H; auto].
Qed.

(** the scalar model of an array model *)
Definition scalar_model (all : bool) (m : model) (assumptions : list (text * assumption)) : option (Checks.model * list (list positive)) :=
  match compile m (treatment_of all m assumptions) with
  | Some (prog, outs) =>
    let sm := {| Checks.m_nparams := N.succ_pos (N.pred (dimension m));
                 Checks.m_ninputs := N.succ_pos (fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_inputs m));
                 Checks.m_prog := prog; Checks.m_outs := List.concat outs; Checks.m_par := scalar_facts m assumptions |} in
    if Checks.wf_model sm then Some (sm, outs) else None
  | None => None
  end.

(** entry [i] of output [k] is the scalar output [o], for all activations that are assumed *)
Definition scalar_output (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (k i : N) (o : positive) : Prop :=
  forall sigma, admissible m assumptions sigma -> forall x,
  (forall th, F m sigma x k i th = evalE (scalar_s m assumptions sigma) th x (Checks.out sm o)) /\
  forall th, regular m sigma th x -> smooth_at (scalar_s m assumptions sigma) th x (Checks.out sm o).

Lemma forall2_nth {A B} (P : A -> B -> Prop) l l' n a : Forall2 P l l' -> nth_error l n = Some a ->
  exists b, nth_error l' n = Some b /\ P a b.
Proof.
  intros H. revert n. induction H as [|x y l l' Hxy H IH]; intros [|n]; cbn; try easy.
  - intros [= ->]. eauto.
  - apply IH.
Qed.
Lemma nth_error_upto n i : (i < n)%N -> nth_error (upto n) (N.to_nat i) = Some i.
Proof.
  intros H. unfold upto. rewrite (map_nth_error N.of_nat (N.to_nat i) (seq 0 (N.to_nat n)) (d := N.to_nat i)); [f_equal; lia|].
  rewrite (nth_error_nth' _ 0%nat) by (rewrite seq_length; lia). rewrite seq_nth by lia. reflexivity.
Qed.

Lemma compile_lengths m treat prog outs : compile m treat = Some (prog, outs) ->
  Forall2 (fun o ps => length ps = N.to_nat (size (shape_at m o))) (m_outputs m) outs.
Proof.
  intros Ec. unfold compile in Ec. match type of Ec with match ?c with _ => _ end = _ => destruct c as [[r [nx p]]|] eqn:E1; [|easy] end.
      cbv zeta in Ec. destruct (Pos.eqb nx _); [|easy]. injection Ec as _ <-.
      unfold cbind in E1. destruct (compile_nodes _ _ _ _ _ _) as [[ar S]|]; [|easy].
      assert (G : forall A B (f : A -> comp B) l acc S0 r0 S1, cmap_rev f l acc S0 = Some (r0, S1) ->
        exists r1, r0 = rev acc ++ r1 /\ Forall2 (fun a b => exists T T', f a T = Some (b, T')) l r1).
      { clear. induction l as [|a l IH]; cbn [cmap_rev]; intros acc S0 r0 S1 H.
        - injection H as <- <-. exists []. rewrite rev_append_rev, !app_nil_r. auto.
        - unfold cbind in H. destruct (f a S0) as [[b S2]|] eqn:Ef; [|easy]. apply IH in H as (r1 & -> & H).
          exists (b :: r1). cbn [rev]. rewrite <- app_assoc. split; [reflexivity|]. constructor; eauto. }
      apply G in E1 as (r1 & -> & E1). cbn [rev app]. clear -E1 G. induction E1 as [|o ps l l' (T & T' & H) E1 IH]; constructor; auto.
      apply G in H as (r1 & -> & H). cbn [rev app]. apply forall2_length in H. rewrite <- H, nrange_ok.
      unfold upto. now rewrite map_length, seq_length.
Qed.
Theorem scalar_model_ok all m assumptions sm outs : scalar_model all m assumptions = Some (sm, outs) ->
  Checks.wf_model sm = true /\ Checks.par_of sm = scalar_par m assumptions /\
  forall k i, output_entry m k i -> exists o,
    (exists ps, nth_error outs (N.to_nat k) = Some ps /\ nth_error ps (N.to_nat i) = Some o) /\
    In o (Checks.m_outs sm) /\ scalar_output m assumptions sm k i o.
Proof.
  unfold scalar_model. destruct (compile m (treatment_of all m assumptions)) as [[prog outs']|] eqn:Ec; [|easy].
  cbv zeta. match goal with |- context [Checks.wf_model ?c] => set (sm' := c) end.
  destruct (Checks.wf_model sm') eqn:W; [|easy]. intros [= <- <-]. split; [exact W|]. split; [reflexivity|].
  assert (W1 := Checks.wf1 sm' W). cbn [sm' Checks.m_prog] in W1.
  assert (C := fun sigma (Ha : admissible m assumptions sigma) th x =>
    proj1 (compile_sound m _ prog outs' Ec W1 (scalar_s m assumptions sigma) sigma th x (treatment_ok m assumptions sigma Ha all))).
  intros k i (n & Hn & Hi).
  assert (X : exists ps o, nth_error outs' (N.to_nat k) = Some ps /\ nth_error ps (N.to_nat i) = Some o).
  { clear C. revert Hn Hi. assert (L := compile_lengths _ _ _ _ Ec).
    intros Hn Hi. destruct (forall2_nth _ _ _ _ _ L Hn) as (ps & Hps & Hl).
    destruct (nth_error ps (N.to_nat i)) as [o|] eqn:Eo; [eauto|]. apply nth_error_None in Eo. lia. }
  destruct X as (ps & o & Hps & Ho). exists o. split; [eauto|]. split.
  - cbn [sm' Checks.m_outs]. apply in_concat. exists ps. split; eapply nth_error_In; eauto.
  - intros sigma Ha x. unfold F, at_. rewrite (nth_error_nth _ _ _ Hn).
    assert (D : forall th, den (Slp.unroll prog) (scalar_s m assumptions sigma) th x (regular m sigma th x) o (value m sigma th x n i)).
    { intros th. destruct (forall2_nth _ _ _ _ _ (C sigma Ha th x) Hn) as (ps' & Hps' & K).
      rewrite Hps in Hps'. injection Hps' as <-.
      destruct (forall2_nth _ _ _ _ _ K (nth_error_upto _ _ Hi)) as (o' & Ho' & D). congruence. }
    split; intros th; destruct (D th) as [D1 D2]; [now symmetry|exact D2].
Qed.

(** ** Gradients of the array model and tangents of the scalar model *)
Definition scalar_row (r : row) : Expr.row := map (fun e => (N.succ_pos (fst e), snd e)) (r_entries r).
Lemma dot_scalar_row r v : dot (scalar_row r) v = rsum (fun e => Q2R (snd e) * v (N.succ_pos (fst e))) (r_entries r).
Proof.
  unfold scalar_row, rsum. induction (r_entries r) as [|[p q] l IH]; cbn [map dot fst snd fold_right]; [reflexivity|]. now rewrite IH.
Qed.
Lemma partial_ext f g i th : (forall u, f u = g u) -> partial f i th = partial g i th.
Proof. intros H. unfold partial. apply Derive_ext. intros t. apply H. Qed.
Lemma scalar_gradient m assumptions sm k i o sigma x th : scalar_output m assumptions sm k i o ->
  admissible m assumptions sigma -> regular m sigma th x ->
  gradient_exists m (F m sigma x k i) th /\
  (forall p, partial_p (F m sigma x k i) p th = tanE (scalar_s m assumptions sigma) th x (ebasis (N.succ_pos p)) (Checks.out sm o)) /\
  forall r, row_gradient r (F m sigma x k i) th = tanE (scalar_s m assumptions sigma) th x (rowvec (scalar_row r)) (Checks.out sm o).
Proof.
  intros Ho Ha Hr. destruct (Ho sigma Ha x) as [HF HS]. specialize (HS th Hr).
  assert (P : forall p, partial_p (F m sigma x k i) p th = tanE (scalar_s m assumptions sigma) th x (ebasis (N.succ_pos p)) (Checks.out sm o)).
  { intros p. rewrite <- partial_tan_at by exact HS. unfold partial_p. now apply partial_ext. }
  split; [|split; [exact P|]].
  - intros p _. unfold ex_partial.
    apply (ex_derive_ext (fun t => evalE (scalar_s m assumptions sigma) (upd th (N.succ_pos p) t) x (Checks.out sm o))); [intros t; symmetry; apply HF|].
    eexists. now apply is_derive_partial_at.
  - intros r. rewrite <- dot_grad_at by exact HS. rewrite dot_scalar_row. unfold row_gradient. apply rsum_ext. intros [p q] _. cbn [fst snd].
    rewrite P. unfold grad. now rewrite partial_tan_at by exact HS.
Qed.

(** ** The free coordinates of a subspace *)
Definition row_leaf (r : row) (s : PM.t poly) : PM.t poly :=
  match r_entries r with
  | (p, q) :: tl => if qeqb q 1 then
      PM.add (N.succ_pos p)
        (psum (pcst (r_constant r) :: map (fun e => pscal (qopp (snd e)) (pvar (Slp.vT (N.succ_pos (fst e))))) tl)) s else s
  | [] => s
  end.
Definition subspace_leaves (L : subspace) : PM.t poly := fold_right row_leaf (PM.empty _) (s_rows L).

Lemma subspace_leaves_ok L u x at_ i : in_subspace L u -> peval (Slp.val u x at_) (Checks.subst_leaf (subspace_leaves L) i) = u i.
Proof.
  unfold subspace_leaves, in_subspace. induction (s_rows L) as [|r l IH]; intros H; cbn [fold_right].
  - unfold Checks.subst_leaf. rewrite PM.gempty. unfold Checks.idT. now rewrite pvar_ok.
  - assert (IH' : peval (Slp.val u x at_) (Checks.subst_leaf (fold_right row_leaf (PM.empty poly) l) i) = u i)
      by (apply IH; intros r' Hr'; apply H; now right).
    specialize (H r (or_introl eq_refl)). unfold row_leaf at 1. unfold row_of in H.
    destruct (r_entries r) as [|[p q] tl]; [exact IH'|]. destruct (qeqb q 1) eqn:Eq; [|exact IH'].
    unfold Checks.subst_leaf in *. destruct (Pos.eq_dec i (N.succ_pos p)) as [->|D].
    + rewrite PM.gss. rewrite psum_ok. cbn [map]. unfold lsum. cbn [fold_right]. rewrite pcst_ok, <- H.
      unfold rsum. cbn [map fold_right fst snd]. rewrite (qeqb_ok _ _ Eq), Q2R_1, map_map.
      unfold entry at 1. 
      assert (Z : fold_right Rplus 0 (map (fun e => peval (Slp.val u x at_) (pscal (qopp (snd e)) (pvar (Slp.vT (N.succ_pos (fst e)))))) tl)
        = - fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry u (fst e)) tl)).
      { clear. induction tl as [|e tl IH]; cbn [map fold_right]; [ring|]. rewrite IH, pscal_ok, pvar_ok, qopp_ok.
        unfold entry. change (Slp.val u x at_ (Slp.vT (N.succ_pos (fst e)))) with (u (N.succ_pos (fst e))). ring. }
      rewrite Z. ring.
    + rewrite PM.gso by exact D. exact IH'.
Qed.

(** ** The check: every row annihilates every output's tangent *)
Definition check_rows (sm : Checks.model) (L : subspace) : bool :=
  let S := Checks.run1 sm {| Slp.lT := Checks.subst_leaf (subspace_leaves L); Slp.lX := Checks.idX |} in
  forallb (fun r =>
    let rm := Checks.row_map (scalar_row r) in
    let T := Slp.exec_tan (Slp.getP rm) (Checks.par_of sm) S 1 (Checks.m_prog sm) (PM.empty _) in
    forallb (fun o => pis0 (Slp.getP T o)) (Checks.m_outs sm)) (s_rows L).
Definition check_identity (all : bool) (m : model) (assumptions : list (text * assumption)) (L : subspace) : bool :=
  match scalar_model all m assumptions with Some (sm, _) => check_rows sm L | None => false end.

Theorem check_identity_sound all m assumptions L : check_identity all m assumptions L = true ->
  forall sigma, admissible m assumptions sigma -> invariant_for m L sigma.
Proof.
  unfold check_identity. destruct (scalar_model all m assumptions) as [[sm outs]|] eqn:Es; [|easy].
  intros H sigma Ha th Hth x Hr k i Hki.
  destruct (scalar_model_ok _ _ _ _ _ Es) as (W & Hpar & Hout). destruct (Hout k i Hki) as (o & _ & Ho & So).
  destruct (scalar_gradient m assumptions sm k i o sigma x th So Ha Hr) as (G1 & _ & G2). split; [exact G1|].
  intros r Hin. rewrite G2. unfold check_rows in H. cbv zeta in H. rewrite forallb_forall in H. specialize (H r Hin).
  rewrite forallb_forall in H. specialize (H o Ho).
  set (L0 := {| Slp.lT := Checks.subst_leaf (subspace_leaves L); Slp.lX := Checks.idX |}) in *.
  assert (HL : Checks.leaves_den L0 th x th x).
  { intros at_; split; intros j; cbn [L0 Slp.lT Slp.lX].
    - now apply subspace_leaves_ok.
    - unfold Checks.idX. now rewrite pvar_ok. }
  assert (Hp : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)) by (rewrite Hpar; now apply scalar_par_ok).
  assert (K := Checks.tan1_ok sm L0 (scalar_s m assumptions sigma) Hp W th x th x HL
                (Slp.getP (Checks.row_map (scalar_row r))) (rowvec (scalar_row r))
                (fun j => Checks.row_map_ok _ (scalar_row r) j) o Ho).
  unfold Checks.tan1 in K. rewrite <- K. now apply pis0_ok.
Qed.
