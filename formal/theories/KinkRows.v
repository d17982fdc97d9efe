(** * Invariance by normal forms also where a piecewise function has no derivative, with any slope there. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Signs Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper Assumed Invariance Equivariance Samples ChainRule Slopes Kinks Tangents Quotient Reduction.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** The check: every argument of a sign is 0 as a normal form, or shown not to be 0 all over the subspace *)
Definition kinked_nodes (m : model) (assumptions : list (text * assumption)) : list node :=
  filter (fun n => match n with NApply _ _ f _ => kinked m assumptions f | _ => false end) (m_nodes m).
Definition argument_of (n : node) : N := match n with NApply _ a _ _ => a | _ => 0%N end.
(** the same network, with the arguments of piecewise functions as further outputs *)
Definition probed (m : model) (assumptions : list (text * assumption)) : model :=
  {| m_activations := m_activations m; m_inputs := m_inputs m; m_nodes := m_nodes m;
     m_outputs := map argument_of (kinked_nodes m assumptions) ++ m_outputs m; m_parameters := m_parameters m |}.
Definition shown_arguments (m : model) (assumptions : list (text * assumption)) (L : subspace) (outs : list (list positive)) : list positive :=
  let ss := map (sample_of m assumptions L) [0; 1; 2]%N in
  flat_map (fun nps => flat_map (fun ip => if (N.ltb (fst ip) (size (shape_of (fst nps))) && shown_nonzero ss (argument_of (fst nps), fst ip))%bool then [snd ip] else [])
    (Equivariance.numbered (snd nps))) (combine (kinked_nodes m assumptions) outs).
Definition set_of (l : list positive) : PM.t unit := fold_right (fun p s => PM.add p tt s) (PM.empty _) l.
Lemma set_of_ok l p : PM.mem p (set_of l) = true -> In p l.
Proof.
  rewrite PM.mem_find. unfold set_of. induction l as [|a l IH]; cbn [fold_right]; [now rewrite PM.gempty|].
  destruct (Pos.eq_dec p a) as [->|D]; [now left|]. rewrite PM.gso by exact D. intros H. right. now apply IH.
Qed.
Definition check_kinked (all : bool) (m : model) (assumptions : list (text * assumption)) (L : subspace) : bool :=
  match compiled (probed m assumptions) (treatment_of all m assumptions) with
  | Some (prog, outs) =>
    let facts := scalar_facts m assumptions in
    let par k := match Checks.assoc k facts with Some f => f | None => Slp.no_facts end in
    let leaves := subspace_leaves L in
    let S := Slp.exec {| Slp.lT := Checks.subst_leaf leaves; Slp.lX := Checks.idX |} par false 1 prog (Slp.st0 []) in
    let shown := set_of (shown_arguments m assumptions L outs) in
    forallb (fun n => match n with Slp.NAct k a => negb (Slp.f_step (par k)) || pis0 (Slp.getP (Slp.vals S) a) || PM.mem a shown | _ => true end) prog
    && forallb (fun r =>
         let rm := Checks.row_map (scalar_row r) in
         let T := Slp.exec_tan (Slp.getP rm) par S 1 prog (PM.empty _) in
         forallb (forallb (fun o => pis0 (Slp.getP T o))) (skipn (length (kinked_nodes m assumptions)) outs)) (s_rows L)
  | None => false
  end%bool.

(** ** The scalar functions for chosen slopes *)
Lemma slope_polynomial_ok c z : is_derive (polynomial c) z (slope_polynomial c z).
Proof.
  induction c as [|a c IH]; cbn [polynomial slope_polynomial]; [apply @is_derive_const|].
  replace (polynomial c z + z * slope_polynomial c z) with (plus 0 (plus (mult 1 (polynomial c z)) (mult z (slope_polynomial c z)))) by (unfold plus, mult; simpl; ring).
  apply @is_derive_plus; [apply @is_derive_const|]. apply (is_derive_mult (fun t => t) (polynomial c)); [apply @is_derive_id|exact IH|intros; apply Rmult_comm].
Qed.
Section Slopes.
Variable m : model.
Variable assumptions : list (text * assumption).
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Hypothesis Hd : differentiable m assumptions sigma.
Variable slope : text -> N -> R -> R.
Hypothesis Hs : slopes_of sigma slope.
Lemma slope_derive f z l : is_derive (sigma f) z l -> slope f 0%N z = l.
Proof. intros H. rewrite (Hs f 0%N z); [cbn; now apply is_derive_unique|]. cbn. now exists l. Qed.
Definition kink_s (k : positive) (d : bool) : R -> R :=
  match nth_error (m_activations m) (pred (Pos.to_nat k)) with
  | Some (f, Piecewise p q) =>
    if Slp.f_step (facts_of assumptions (f, Piecewise p q)) then
      if d then fun _ => 0
      else fun z => if Req_EM_T z 0 then (slope f 0%N 0 - Q2R (half (qadd p q))) / Q2R (half (qadd q (qopp p))) else Signs.sgn z
    else scalar_s m assumptions sigma k d
  | _ => scalar_s m assumptions sigma k d
  end.
Lemma kink_other k d : Slp.f_step (scalar_par m assumptions k) = false -> kink_s k d = scalar_s m assumptions sigma k d.
Proof.
  rewrite scalar_par_at. unfold kink_s. destruct (nth_error (m_activations m) (pred (Pos.to_nat k))) as [[f [c|c|p q|n]]|]; try reflexivity. now intros ->.
Qed.
Lemma kink_step k : Slp.f_step (scalar_par m assumptions k) = true -> (forall z, kink_s k true z = 0) /\ forall z, z <> 0 -> kink_s k false z = Signs.sgn z.
Proof.
  rewrite scalar_par_at. unfold kink_s. destruct (nth_error (m_activations m) (pred (Pos.to_nat k))) as [[f d]|] eqn:E; [|discriminate]. intros St.
  destruct (step_ok m assumptions sigma Ha f d (nth_error_In _ _ E) St) as (p & q & -> & _). rewrite St. split; [reflexivity|]. intros z Hz.
  destruct (Req_EM_T z 0); [easy|reflexivity].
Qed.
Lemma kink_known : Slp.known_ok kink_s (scalar_par m assumptions).
Proof.
  intros k. destruct (scalar_par_ok m assumptions sigma Ha k) as [K _]. unfold Slp.known_at in *.
  destruct (Slp.f_step (scalar_par m assumptions k)) eqn:St.
  - destruct (kink_step k St) as [K1 _]. assert (E : scalar_par m assumptions k = Slp.step_facts).
    { revert St. rewrite scalar_par_at. destruct (nth_error _ _) as [[f d]|] eqn:En; [|discriminate]. intros St.
      now destruct (step_ok m assumptions sigma Ha f d (nth_error_In _ _ En) St) as (p & q & _ & _ & _ & ->). }
    rewrite E. cbn [Slp.f_sign Slp.f_zero Slp.f_flat Slp.f_ode Slp.step_facts]. split; [intros t; exact I|]. split; [discriminate|]. split; [discriminate|]. split; [intros _; exact K1|discriminate].
  - rewrite !kink_other by exact St. exact K.
Qed.
Lemma kink_treated all f : treated_with kink_s (treatment_of all m assumptions) sigma slope f.
Proof.
  unfold treated_with, treatment_of.
  destruct (position f (m_activations m) 1) as [j|] eqn:Ep; [|exact I].
  destruct (find f (m_activations m)) as [d|] eqn:Ed; [|exact I].
  destruct (find f assumptions) as [a|] eqn:Ea; [|exact I].
  assert (Hn := position_find _ _ _ _ _ Ep Ed). replace (Pos.to_nat j - Pos.to_nat 1)%nat with (pred (Pos.to_nat j)) in Hn by lia. assert (Hin := nth_error_In _ _ Hn).
  assert (Hpar : scalar_par m assumptions j = facts_of assumptions (f, d)) by (rewrite scalar_par_at, Hn; reflexivity).
  assert (A : Slp.f_step (facts_of assumptions (f, d)) = false -> kinked m assumptions f = false ->
    forall z, kink_s j false z = sigma f z /\ kink_s j true z = slope f 0%N z).
  { intros St Hk z. rewrite !kink_other by now rewrite Hpar. unfold scalar_s. rewrite Hn. cbv zeta. rewrite St. split; [reflexivity|]. symmetry. apply slope_derive.
    apply (scalar_d_ok m assumptions sigma Ha f d z Hin). now apply (Hd f d). }
  assert (St : Slp.f_step (facts_of assumptions (f, d)) = match a, d with Itself, Piecewise p q => negb (qeqb p q) | _, _ => false end).
  { unfold facts_of. cbn [fst snd]. rewrite Ea. destruct a as [|l]; [|reflexivity]. destruct d as [c|c|p q|n]; try reflexivity. now destruct (qeqb p q). }
  assert (Hk : kinked m assumptions f = match a, d with Itself, Piecewise _ _ => true | _, _ => false end) by (unfold kinked; now rewrite Ea, Ed).
  assert (Hf := Ha f d Hin). rewrite Ea in Hf.
  destruct a as [|l]; [|now apply A]. destruct d as [c|c|p q|n]; [exact I| | |now apply A].
  - destruct (all || N.leb (length_n c) 2)%bool; [|now apply A]. destruct Hf as (g & Hg & E). injection Hg as <-. intros z. split; [apply E|].
    apply slope_derive. apply (is_derive_ext (polynomial c)); [intros u; symmetry; apply E|apply slope_polynomial_ok].
  - destruct Hf as (g & Hg & E). injection Hg as <-. destruct (qeqb p q) eqn:Eq.
    + apply qeqb_ok in Eq. assert (P : forall z, sigma f z = polynomial [0%Q; p] z).
      { intros z. rewrite E. cbn [polynomial]. rewrite Q2R_0. destruct (Rle_dec 0 z); rewrite ?Eq; ring. }
      intros z. split; [apply P|]. apply slope_derive. apply (is_derive_ext (polynomial [0%Q; p])); [intros u; symmetry; apply P|apply slope_polynomial_ok].
    + cbn [negb] in St. destruct (step_ok m assumptions sigma Ha f _ Hin St) as (p' & q' & [= <- <-] & D & Hs' & _).
      assert (B : Q2R (half (qadd q (qopp p))) <> 0) by (rewrite half_ok, qadd_ok, qopp_ok; lra).
      destruct (kink_step j) as [K1 K2]; [now rewrite Hpar|]. intros z. split; [|split; [|apply K1]].
      * rewrite Hs', piecewise_signed. destruct (Req_EM_T z 0) as [->|Hz]; [ring|]. now rewrite (K2 z Hz).
      * destruct (Req_EM_T z 0) as [->|Hz].
        -- unfold kink_s. rewrite Hn, St. destruct (Req_EM_T 0 0); [|easy]. field. exact B.
        -- rewrite (K2 z Hz). apply slope_derive.
           apply (is_derive_ext (fun u => Q2R (half (qadd p q)) * u + Q2R (half (qadd q (qopp p))) * (u * Signs.sgn u))); [intros u; rewrite Hs'; symmetry; apply piecewise_signed|].
           assert (G := is_derive_sgn z Hz). set (c1 := Q2R (half (qadd p q))). set (c2 := Q2R (half (qadd q (qopp p)))).
           replace (c1 + c2 * Signs.sgn z) with (plus (c1 * 1) (c2 * plus (mult 1 (Signs.sgn z)) (mult z 0))) by (unfold plus, mult; simpl; ring).
           apply @is_derive_plus; [apply (is_derive_scal (fun u => u)); apply @is_derive_id|].
           apply (is_derive_scal (fun u => u * Signs.sgn u)). apply (is_derive_mult (fun u => u) Signs.sgn); [apply @is_derive_id|exact G|intros; apply Rmult_comm].
Qed.
End Slopes.

(** ** Soundness *)
Lemma combine_front {A B} (a : A) (b : B) : forall l o1 o2 i, nth_error (combine l (o1 ++ o2)) i = Some (a, b) -> length o1 = length l ->
  nth_error l i = Some a /\ nth_error o1 i = Some b.
Proof.
  induction l as [|c l IH]; intros [|d o1] o2 [|i]; cbn; try discriminate.
  - now intros [= -> ->].
  - intros H [= Hl]. now apply (IH o1 o2).
Qed.
Lemma app_same_length {A} : forall a b c d : list A, a ++ b = c ++ d -> length a = length c -> a = c /\ b = d.
Proof. induction a as [|x a IH]; intros b [|y c] d; cbn; try discriminate; [auto|]. intros [= -> H] [= Hl]. now destruct (IH b c d H Hl) as [-> ->]. Qed.
Theorem check_kinked_sound all m assumptions L : check_kinked all m assumptions L = true ->
  forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma.
Proof.
  unfold check_kinked. destruct (compiled (probed m assumptions) _) as [[prog outs]|] eqn:C; [|easy]. cbv zeta.
  assert (Ec : compile (probed m assumptions) (treatment_of all m assumptions) = Some (prog, outs) /\ Slp.wf_from 1 prog = true /\
    forall ps o, In ps outs -> In o ps -> (o < Slp.advance 1 prog)%positive).
  { unfold compiled in C. destruct (compile _ _) as [[p os]|]; [|easy]. destruct (_ && _)%bool eqn:W; [|easy]. injection C as <- <-. apply andb_prop in W as [W Wo].
    split; [reflexivity|]. split; [exact W|]. intros ps o H1 H2. rewrite forallb_forall in Wo. apply Pos.ltb_lt, Wo, in_concat. eauto. }
  clear C. destruct Ec as (Ec & W & Wo). intros H sigma Ha Hd slope Hs theta Hth x Hx k i (n & Hn & Hi) r Hr. apply andb_prop in H as [Hsteps Hrows].
  match type of Hsteps with context [Slp.exec ?a ?p _ _ _ _] => set (A := a) in *; set (par := p) in * end. set (S := Slp.exec A par false 1 prog (Slp.st0 [])) in *.
  set (s := kink_s m assumptions sigma slope). set (E := Slp.unroll prog). set (kn := kinked_nodes m assumptions) in *.
  assert (T := fun d => compile_tangent _ _ prog outs Ec W s sigma slope theta x d (kink_treated m assumptions sigma Ha Hd slope Hs all)). cbn [probed m_outputs] in T. fold kn in T.
  assert (Split : forall d, exists o1 o2, outs = o1 ++ o2 /\ length o1 = length kn /\
    Forall2 (fun o ps => Forall2 (fun i p => stands E s theta x d p (value m sigma theta x o i) (tangent m sigma slope theta x d o i)) (upto (size (shape_at m o))) ps) (map argument_of kn) o1 /\
    Forall2 (fun o ps => Forall2 (fun i p => stands E s theta x d p (value m sigma theta x o i) (tangent m sigma slope theta x d o i)) (upto (size (shape_at m o))) ps) (m_outputs m) o2).
  { intros d. specialize (T d). apply Forall2_app_inv_l in T as (o1 & o2 & T1 & T2 & ->). exists o1, o2. split; [reflexivity|]. split; [|split; [exact T1|exact T2]].
    apply forall2_length in T1. now rewrite map_length in T1. }
  (* the arguments of signs *)
  assert (Z : forall a, In a (shown_arguments m assumptions L outs) -> evalE s theta x (E a) <> 0).
  { intros a Hin. unfold shown_arguments in Hin. cbv zeta in Hin. apply in_flat_map in Hin as ([nd ps] & H1 & H2). apply in_flat_map in H2 as ([j p] & H3 & H4). cbn [fst snd] in *.
    destruct (N.ltb j (size (shape_of nd)) && _)%bool eqn:Es; [|easy]. destruct H4 as [<-|[]]. apply andb_prop in Es as [E1 E2]. apply N.ltb_lt in E1.
    destruct (Split (fun _ => 0)) as (o1 & o2 & -> & Hl & T1 & _). apply in_numbered in H3.
    assert (Hps : exists i0, nth_error kn i0 = Some nd /\ nth_error o1 i0 = Some ps).
    { apply In_nth_error in H1 as (i0 & H1). exists i0. exact (combine_front _ _ _ _ _ _ H1 Hl). }
    destruct Hps as (i0 & N1 & N2). destruct (forall2_nth _ _ _ _ _ T1 (map_nth_error argument_of _ _ N1)) as (ps' & N3 & T3). rewrite N2 in N3. injection N3 as <-.
    assert (Hj : (j < size (shape_at m (argument_of nd)))%N).
    { apply forall2_length in T3. unfold upto in T3. rewrite map_length, seq_length in T3. assert (N.to_nat j < length ps)%nat by (apply nth_error_Some; congruence). lia. }
    destruct (forall2_nth _ _ _ _ _ T3 (nth_error_upto _ _ Hj)) as (p' & N4 & [V _]). rewrite H3 in N4. injection N4 as <-. rewrite V.
    destruct (shown_nonzero_ok m assumptions sigma L _ _ _ Ha E2) as (theta' & x' & H5 & H6).
    apply nth_error_In in N1. unfold kn, kinked_nodes in N1. apply filter_In in N1 as [N1 N5]. destruct nd as [| | | | | | | |sh a f o]; try discriminate N5.
    apply In_nth_error in N1 as (k0 & N1). destruct (Hx k0 sh a f o N1 N5 j E1) as [G|G]; [exact G|]. exfalso. apply H6. now apply G. }
  assert (Hstep : Slp.step_ok s par E theta x (Slp.vals S) prog).
  { intros k0 a Hin St. rewrite forallb_forall in Hsteps. specialize (Hsteps _ Hin).
    assert (Hs' : (negb (Slp.f_step (par k0)) || pis0 (Slp.getP (Slp.vals S) a) || PM.mem a (set_of (shown_arguments m assumptions L outs)))%bool = true) by exact Hsteps.
    clear Hsteps. rename Hs' into Hsteps. rewrite St in Hsteps. cbn [negb orb] in Hsteps.
    apply orb_prop in Hsteps as [Hp|Hp]; [now left|]. right. apply set_of_ok, Z in Hp. now apply (kink_step m assumptions sigma Ha slope k0 St). }
  (* the run *)
  set (argE := Checks.argE2 s E theta theta x x). set (v := Slp.val theta x (Checks.at2 s E theta theta x x)).
  assert (Hv : forall a d, v (Slp.vA d a) = s (fst (argE a)) d (snd (argE a))) by (intros; apply Checks.val_at).
  assert (Hkn : Slp.known_ok s par) by apply (kink_known m assumptions sigma Ha slope).
  destruct (Slp.exec_ok_at s par Hkn argE E v theta x Hv) with (L := A) (tag := false) (p := prog) (next := 1%positive) (S := Slp.st0 []) as (A1 & B1 & _).
  - intros j. now apply subspace_leaves_ok.
  - intros j. unfold A, Checks.idX. cbn [Slp.lX]. now rewrite pvar_ok.
  - intros n0 k0 a Hn0. now apply Checks.ghost1.
  - exact W.
  - apply Slp.covers_unroll, W.
  - intros n0 Hn0; lia.
  - intros n0 k0 a Hn0; lia.
  - intros k0 p a [].
  - exact Hstep.
  - destruct (Split (fun _ => 0)) as (o1 & o2 & -> & Hl & _ & T2). destruct (forall2_nth _ _ _ _ _ T2 Hn) as (ps & Hps & T3).
    destruct (forall2_nth _ _ _ _ _ T3 (nth_error_upto _ _ Hi)) as (o & Ho & _).
    assert (D : forall d, tanE s theta x d (E o) = tangent m sigma slope theta x d n i).
    { intros d. destruct (Split d) as (o1' & o2' & Eo & Hl' & _ & T2'). apply app_same_length in Eo as [_ <-]; [|congruence].
      destruct (forall2_nth _ _ _ _ _ T2' Hn) as (ps' & Hps' & T3'). rewrite Hps in Hps'. injection Hps' as <-.
      destruct (forall2_nth _ _ _ _ _ T3' (nth_error_upto _ _ Hi)) as (o' & Ho' & [_ D]). rewrite Ho in Ho'. now injection Ho' as <-. }
    transitivity (tanE s theta x (rowvec (scalar_row r)) (E o)).
    + rewrite (tanE_ext s theta theta x x (rowvec (scalar_row r)) (fun j => rsum (fun e => Q2R (snd e) * ebasis (N.succ_pos (fst e)) j) (r_entries r))); try reflexivity.
      * rewrite tan_combination. apply rsum_ext. intros e _. f_equal. rewrite D. unfold sensitivity, at_. now rewrite (nth_error_nth _ _ _ Hn).
      * intros j. unfold scalar_row, rsum. clear. induction (r_entries r) as [|[p c] l IH]; cbn [map rowvec fold_right fst snd]; [reflexivity|]. rewrite IH. ring.
    + rewrite forallb_forall in Hrows. specialize (Hrows r Hr). cbv zeta in Hrows. rewrite skipn_app, <- Hl, skipn_all, Nat.sub_diag in Hrows. cbn [app skipn] in Hrows.
      rewrite forallb_forall in Hrows. specialize (Hrows ps (nth_error_In _ _ Hps)). rewrite forallb_forall in Hrows. specialize (Hrows o (nth_error_In _ _ Ho)).
      assert (Hlt : (o < Slp.advance 1 prog)%positive) by (apply (Wo ps o); [apply in_app_iff; right; eapply nth_error_In; eauto|eapply nth_error_In; eauto]).
      rewrite <- (pis0_ok v _ Hrows). symmetry.
      refine (Slp.exec_tan_ok_at s par Hkn argE E v theta x Hv (Slp.getP (Checks.row_map (scalar_row r))) (rowvec (scalar_row r)) _ prog S (Slp.advance 1 prog) 1%positive (PM.empty _) _ W _ A1 B1 _ _ o Hlt).
      * intros j. apply Checks.row_map_ok.
      * lia.
      * apply Slp.covers_unroll, W.
      * intros n0 Hn0; lia.
      * intros n0 _. apply PM.gempty.
Qed.
