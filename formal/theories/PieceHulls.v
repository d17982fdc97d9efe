(** * Hulls of models with piecewise functions, by chains of gradients at rational points

    g_k = ∇(v·F)(x_k) at y_k = θ0 + Σ_j c_j g_j, in exact rational arithmetic; no argument of a piecewise function is 0 at (y_k, x_k).
    Each g_k is a direction of
    every invariant affine subspace through θ0 ([chain_directions]); as many independent ones as the dimension show that the subspace is least. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Modular Derivatives Signs Slp Checks Flow Lie Dimension Upper ModP Least Gated.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper Assumed Invariance Refute Bounds Ranks Germs Pieces Closures Hulls.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Gradients at rational points *)
Definition constant_of (p : poly) : option Q := match p with [] => Some 0%Q | [([], c)] => Some c | _ => None end.
Definition parameters (sm : Checks.model) : list positive := Lie.plist (Checks.m_nparams sm).
Fixpoint covector_sum (T : PM.t poly) (cov : list (positive * Q)) : option Q :=
  match cov with
  | [] => Some 0%Q
  | (o, c) :: cov' => match constant_of (Slp.getP T o), covector_sum T cov' with Some a, Some b => Some (qadd (qmul c a) b) | _, _ => None end
  end.
Definition unit_poly (i k : positive) : poly := if Pos.eqb k i then pcst 1 else [].
(** the entries of ∇(v·F)(x) at y *)
Definition gradient_at (sm : Checks.model) (y x : Checks.qvec) (cov : list (positive * Q)) : option (list Q) :=
  let S := run_at sm y x in
  all_some (fun i => covector_sum (Slp.exec_tan (unit_poly i) (Checks.par_of sm) S 1 (Checks.m_prog sm) (PM.empty _)) cov) (parameters sm).
Definition coordinate (th : Checks.qvec) (cs : list Q) (gs : list (list Q)) (i : positive) : Q :=
  fold_right (fun cg a => qadd (qmul (fst cg) (nth (pred (Pos.to_nat i)) (snd cg) 0%Q)) a) (match Checks.assoc i th with Some q => q | None => 0%Q end)
    (combine cs gs).
Definition moved (sm : Checks.model) (th : Checks.qvec) (cs : list Q) (gs : list (list Q)) : list Q := map (coordinate th cs gs) (parameters sm).
Fixpoint exact_chain (sm am : Checks.model) (th : Checks.qvec) (steps : list Least.qstep) (gs : list (list Q)) : option (list (list Q)) :=
  match steps with
  | [] => Some gs
  | (F, cs) :: steps' =>
    let y := numbered (moved sm th cs gs) in
    if regular_at am y (Derivatives.qf_x F) && forallb (fun oc => existsb (Pos.eqb (fst oc)) (Checks.m_outs sm)) (Derivatives.qf_cov F) then
      match gradient_at sm y (Derivatives.qf_x F) (Derivatives.qf_cov F) with Some g => exact_chain sm am th steps' (gs ++ [g]) | None => None end
    else None
  end.
Definition germ_directions (m : model) (sm am : Checks.model) (outs : list (list positive)) (th : Checks.qvec) (least : minimal) (modulus : option N) (d :
  nat) : option bool :=
  match least, modulus with
  | MinimalChain steps, Some p =>
    let p := Z.of_N p in
    match all_some (scalar_step m outs) steps with
    | Some steps =>
      match exact_chain sm am th steps [] with
      | Some gs => Some (Z.ltb 1 p && forallb (forallb (Modular.qgood p)) gs && Least.independent_rows p d (map (map (Modular.qmod p)) gs))
      | None => Some false
      end
    | None => Some false
    end
  | _, _ => None
  end.
Definition check_germ_hull (m : model) (assumptions : list (text * assumption)) (p : point) (L : subspace)
    (weaker : list (text * assumption)) (how : invariance) (members : list (text * list Q)) (least : minimal) (modulus : option N) : option bool :=
  match germ_setup m assumptions members with
  | Some (sm, outs, am) =>
    if negb (follows m assumptions weaker) then None
    else if negb (reduced_rows (dimension m) (s_rows L) && contains_point m p L) then Some false
    else match check_invariance m weaker L how with
      | Some true => germ_directions m sm am outs (scalar_point m p) least modulus (Pos.to_nat (Checks.m_nparams sm) - length (s_rows L))
      | o => o
      end
  | None => None
  end.

(** ** Soundness *)
Local Open Scope R_scope.
Section Sound.
Variables (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)) (sm am : Checks.model) (outs : list (list positive)).
Hypothesis Hset : germ_setup m assumptions members = Some (sm, outs, am).
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Let M := Checks.m_nparams sm.
Let s := scalar_s m assumptions sigma.
Let HS := Pieces.Hs _ _ _ _ _ _ Hset.
Let Hdim := proj1 (setup_facts _ _ _ _ _ _ Hset).

(** affine subspaces with real equations that are invariant, at the inputs at which the model is differentiable *)
Definition regular_invariant (rows : list Least.rrow) : Prop := forall u, Least.on_real M rows u -> forall x, regular m sigma u x ->
  forall k i, output_entry m k i -> forall c, In c rows -> Lie.pdot M (fst c) (fun j => partial (F m sigma x k i) j u) = 0.
Definition list_vec (l : list Q) : vec := vector_of l.
Lemma constant_of_ok r p c : constant_of p = Some c -> peval r p = Q2R c.
Proof. destruct p as [|[[|] c'] [|]]; try discriminate; intros [= <-]; cbn; [now rewrite Q2R_0|ring]. Qed.
Lemma all_some_nth {A B} (f : A -> option B) d : forall l r, all_some f l = Some r -> length r = length l /\
  forall n a, nth_error l n = Some a -> f a = Some (nth n r d).
Proof.
  induction l as [|a l IH]; cbn [all_some]; intros r H; [injection H as <-; split; [reflexivity|intros [|] ? E; discriminate E]|].
  destruct (f a) as [b|] eqn:Ef; [|easy]. destruct (all_some f l) as [r'|]; [|easy]. injection H as <-. destruct (IH r' eq_refl) as [L K].
  split; [cbn; now rewrite L|]. intros [|n] a' E; cbn in *; [now injection E as <-|now apply K].
Qed.
Lemma plist_nth i : (i <= M)%positive -> nth_error (parameters sm) (pred (Pos.to_nat i)) = Some i.
Proof.
  intros H. unfold parameters, Lie.plist. fold M. rewrite (map_nth_error Pos.of_succ_nat _ _ (d := pred (Pos.to_nat i))).
  - f_equal. lia.
  - rewrite (nth_error_nth' _ 0%nat) by (rewrite seq_length; lia). now rewrite seq_nth by lia.
Qed.
Lemma gradient_at_ok y x cov g : gradient_at sm y x cov = Some g -> regular m sigma (Checks.qv y) (Checks.qv x) ->
  (forall o c, In (o, c) cov -> In o (Checks.m_outs sm)) ->
  forall i, (i <= M)%positive -> list_vec g i = lsum (map (fun oc => Q2R (snd oc) * grad s (Checks.out sm (fst oc)) (Checks.qv x) (Checks.qv y) i) cov).
Proof.
  intros H Hr Ho i Hi. unfold gradient_at in H. cbv zeta in H. destruct (all_some_nth _ 0%Q _ _ H) as [_ K]. specialize (K _ _ (plist_nth i Hi)).
  unfold list_vec, vector_of. set (q := nth (pred (Pos.to_nat i)) g 0%Q) in *. clearbody q. clear H.
  set (L := {| Slp.lT := Checks.qleaf y; Slp.lX := Checks.qleaf x |}).
  assert (HL : Checks.leaves_den L (fun _ => 0) (fun _ => 0) (Checks.qv y) (Checks.qv x)) by (intros at_; split; intros j; apply Checks.qleaf_ok).
  assert (W := scalar_wf m assumptions sm outs true HS).
  assert (Hp := parity m assumptions sm outs HS sigma Ha).
  assert (U : forall r k, peval r (unit_poly i k) = ebasis i k) by (intros r k; unfold unit_poly, ebasis; destruct (Pos.eqb k i); [rewrite pcst_ok;
    apply Q2R_1|reflexivity]).
  assert (T := Checks.tan1_ok sm L s Hp W _ _ _ _ HL (unit_poly i) (ebasis i) (U _)).
  unfold Checks.tan1 in T. unfold run_at in K. fold L in K. set (TT := Slp.exec_tan _ _ _ _ _ _) in *. clearbody TT. revert q K.
  induction cov as [|[o c] cov IH]; cbn [covector_sum map]; intros q K; [injection K as <-; apply Q2R_0|].
  destruct (constant_of (Slp.getP TT o)) as [a|] eqn:Ea; [|easy]. destruct (covector_sum TT cov) as [b|]; [|easy]. injection K as <-.
  assert (Hin : In o (Checks.m_outs sm)) by (apply (Ho o c); now left).
  rewrite qadd_ok, qmul_ok. unfold lsum at 1. cbn [fold_right fst snd]. f_equal; [|apply IH; [intros o' c' Hc; apply (Ho o' c'); now right|reflexivity]].
  f_equal. rewrite <- (constant_of_ok (Checks.rho1 sm s (fun _ => 0) (fun _ => 0) (Checks.qv y) (Checks.qv x)) _ _ Ea), (T o Hin).
  destruct (scalar_entry m assumptions sm outs true HS Hdim o Hin) as (k & i' & O & So). unfold grad. symmetry. apply partial_tan_at.
  exact (proj2 (So sigma Ha (Checks.qv x)) _ Hr).
Qed.
Lemma moved_ok th cs gs i : (i <= M)%positive -> list_vec (moved sm th cs gs) i = Q2R (coordinate th cs gs i).
Proof.
  intros Hi. unfold list_vec, vector_of, moved. f_equal. apply nth_error_nth. apply map_nth_error. now apply plist_nth.
Qed.
Lemma coordinate_on rows th cs : forall gs, Least.on_real M rows (Checks.qv th) -> (forall g, In g gs -> Least.direction M rows (list_vec g)) ->
  Least.on_real M rows (fun i => Q2R (coordinate th cs gs i)).
Proof.
  intros gs H0. revert gs. induction cs as [|c cs IH]; intros gs Hg; cbn [coordinate].
  - apply (Least.on_real_ext M rows (Checks.qv th)); [|exact H0]. intros i _. unfold coordinate, Checks.qv. cbn.
    destruct (Checks.assoc i th); [reflexivity|symmetry; apply Q2R_0].
  - destruct gs as [|g gs].
    + apply (Least.on_real_ext M rows (Checks.qv th)); [|exact H0]. intros i _. unfold coordinate, Checks.qv. cbn.
      destruct (Checks.assoc i th); [reflexivity|symmetry; apply Q2R_0].
    + apply (Least.on_real_ext M rows (fun i => Q2R (coordinate th cs gs i) + Q2R c * list_vec g i)).
      * intros i _. unfold coordinate at 2. cbn [combine fold_right fst snd]. fold (coordinate th cs gs i). rewrite qadd_ok, qmul_ok.
        unfold list_vec, vector_of. ring.
      * apply Least.on_real_plus; [apply IH; intros g' Hg'; apply Hg; now right|apply Hg; now left].
Qed.
Lemma pdot_lsum {B} a (f : B -> vec) (l : list B) : (forall b, In b l -> Lie.pdot M a (f b) = 0) -> Lie.pdot M a (fun i => lsum (map (fun b => f b i) l)) = 0.
Proof.
  induction l as [|b l IH]; intros H; unfold lsum; cbn [map fold_right].
  - unfold Lie.pdot. apply Flow.lsum_0. intros i _. ring.
  - rewrite (Least.pdot_ext M a _ (fun i => 1 * f b i + 1 * lsum (map (fun b => f b i) l))) by (intros; unfold lsum; ring).
    rewrite Least.pdot_comb, (H b) by now left. rewrite IH by (intros; apply H; now right). ring.
Qed.
Theorem chain_directions rows th : regular_invariant rows -> Least.on_real M rows (Checks.qv th) -> forall steps gs r, exact_chain sm am th steps gs = Some r ->
  (forall g, In g gs -> Least.direction M rows (list_vec g)) -> forall g, In g r -> Least.direction M rows (list_vec g).
Proof.
  intros HI H0. induction steps as [|[G cs] steps IH]; intros gs r; cbn [exact_chain]; [intros [= <-]; auto|]. cbv zeta.
  set (y := numbered (moved sm th cs gs)).
  destruct (regular_at am y (Derivatives.qf_x G) && forallb (fun oc => existsb (Pos.eqb (fst oc)) (Checks.m_outs sm)) (Derivatives.qf_cov G)) eqn:E; [|easy].
  apply andb_prop in E as [E1 E2].
  destruct (gradient_at sm y (Derivatives.qf_x G) (Derivatives.qf_cov G)) as [g0|] eqn:Eg; [|easy]. intros H Hg. apply (IH _ _ H). intros g Hin.
  apply in_app_or in Hin as [Hin|[<-|[]]]; [now apply Hg|].
  assert (R := proj1 (regular_at_ok _ _ _ _ _ _ Hset sigma Ha y (Derivatives.qf_x G) E1)).
  assert (Ho : forall o c, In (o, c) (Derivatives.qf_cov G) -> In o (Checks.m_outs sm)).
  { intros o c Hin. rewrite forallb_forall in E2. specialize (E2 _ Hin). apply existsb_exists in E2 as (o' & H1 & H2). apply Pos.eqb_eq in H2.
    cbn [fst] in H2. now subst o'. }
  assert (Y : Least.on_real M rows (Checks.qv y)).
  { apply (Least.on_real_ext M rows (fun i => Q2R (coordinate th cs gs i))); [|now apply coordinate_on]. intros i Hi. unfold y. rewrite numbered_ok.
    symmetry. now apply moved_ok. }
  intros c Hc. rewrite (Least.pdot_ext M _ _ (fun i => lsum (map (fun oc => Q2R (snd oc) * grad s (Checks.out sm (fst oc)) (Checks.qv (Derivatives.qf_x G))
    (Checks.qv y) i) (Derivatives.qf_cov G)))).
  2:{ intros i Hi. now apply gradient_at_ok. }
  apply (pdot_lsum (fst c) (fun oc i => Q2R (snd oc) * grad s (Checks.out sm (fst oc)) (Checks.qv (Derivatives.qf_x G)) (Checks.qv y) i)). intros [o q] Hin.
  cbn [fst snd].
  rewrite (Least.pdot_ext M _ _ (fun i => Q2R q * grad s (Checks.out sm o) (Checks.qv (Derivatives.qf_x G)) (Checks.qv y) i + 0 * 0)) by (intros; ring).
  rewrite (Least.pdot_comb M _ _ 0 _ (fun _ => 0)).
  destruct (scalar_entry m assumptions sm outs true HS Hdim o (Ho o q Hin)) as (k & i & O & So).
  assert (Z := HI _ Y _ R k i O c Hc). rewrite (Least.pdot_ext M _ _ (grad s (Checks.out sm o) (Checks.qv (Derivatives.qf_x G)) (Checks.qv y))) in Z.
  - rewrite Z. ring.
  - intros j _. exact (generator_same m assumptions sm sigma Ha _ k i o So (Checks.qv y) j).
Qed.

(** ** Subspaces of claims as such subspaces *)
Lemma forms_regular rows : invariant_rows m rows sigma -> regular_invariant (map real_form rows).
Proof.
  intros H u Hu x Hr k i O c Hc. apply in_map_iff in Hc as (r & <- & Hin). apply (real_forms_on m assumptions sm outs HS Hdim) in Hu.
  rewrite (real_form_ok m assumptions sm outs HS Hdim). exact (H u Hu x Hr k i O r Hin).
Qed.
Variable L : subspace.
Hypothesis HR : reduced_rows (dimension m) (s_rows L) = true.
Lemma affine_regular : invariant_for m L sigma -> regular_invariant (map affine (s_rows L)).
Proof.
  intros H u Hu x Hr k i O c Hc. apply (affine_on m assumptions sm outs HS Hdim L HR) in Hu. apply in_map_iff in Hc as (r & <- & Hin). cbn [affine fst].
  rewrite Least.normal_ok by exact (reduced_le m assumptions sm outs HS Hdim (s_rows L) HR r Hin). destruct (H u Hu x Hr k i O) as [_ H2].
  specialize (H2 r Hin).
  rewrite dot_scalar_row. exact H2.
Qed.
Theorem germ_directions_least p least modulus : invariant_for m L sigma -> in_subspace L (point_vector m p) ->
  germ_directions m sm am outs (scalar_point m p) least modulus (Pos.to_nat M - length (s_rows L)) = Some true -> least_for m p L sigma.
Proof.
  intros HI Hp H rows Hr Hrp theta Hth. assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok.
  unfold germ_directions in H. destruct least as [steps| |]; try discriminate. destruct modulus as [q|]; [|discriminate]. cbv zeta in H.
  destruct (all_some _ steps) as [qs|]; [|discriminate]. destruct (exact_chain _ _ _ _ _) as [gs|] eqn:Ec; [|discriminate]. injection H as H.
  apply andb_prop in H as [[Hq Hgood]%andb_prop Hind]. apply Z.ltb_lt in Hq. rewrite forallb_forall in Hgood.
  set (RS := Modular.rational_residues (Z.of_N q) Hq).
  assert (Dir : forall rs, regular_invariant rs -> Least.on_real M rs (point_vector m p) -> forall g, In g gs -> Least.direction M rs (list_vec g)).
  { intros rs Hrs Hon. rewrite <- Eth in Hon. apply (chain_directions rs _ Hrs Hon qs [] gs Ec). intros g []. }
  assert (Len : forall g, In g gs -> length g = Pos.to_nat M).
  { clear -Ec HS. assert (G : forall st l r, exact_chain sm am (scalar_point m p) st l = Some r -> (forall g, In g l -> length g = Pos.to_nat M) -> forall g,
      In g r -> length g = Pos.to_nat M).
    { induction st as [|[G cs] st IH]; intros l r; cbn [exact_chain]; [intros [= <-]; auto|]. cbv zeta. destruct (_ && _); [|easy].
      destruct (gradient_at _ _ _ _) as [g0|] eqn:E; [|easy]. intros K Hl. apply (IH _ _ K). intros g Hg.
      apply in_app_or in Hg as [Hg|[<-|[]]]; [now apply Hl|].
      unfold gradient_at in E. destruct (all_some_nth _ 0%Q _ _ E) as [E1 _]. rewrite E1. unfold parameters. apply Dimension.plist_length. }
    intros g Hg. apply (G _ _ _ Ec); [intros g' []|exact Hg]. }
  assert (Rel : Forall2 (Modular.relrow (Z.of_N q) RS (parameters sm)) (map list_vec gs) (map (map (Modular.qmod (Z.of_N q))) gs)).
  { clear -Hgood Len. assert (K : forall g, In g gs -> Modular.relrow (Z.of_N q) RS (parameters sm) (list_vec g) (map (Modular.qmod (Z.of_N q)) g)).
    { intros g Hg. specialize (Hgood g Hg). specialize (Len g Hg). rewrite forallb_forall in Hgood.
      unfold Modular.relrow, parameters, Lie.plist, list_vec, vector_of. fold M. rewrite <- Len.
      clear Len Hg. set (f := fun j : positive => Q2R (nth (pred (Pos.to_nat j)) g 0%Q)).
      assert (X : forall pre suf, g = pre ++ suf -> Forall2 (fun c z => Modular.rep (Z.of_N q) RS (f c) z) (map Pos.of_succ_nat (seq (length pre) (length
        suf))) (map (Modular.qmod (Z.of_N q)) suf)).
      { intros pre suf. revert pre. induction suf as [|a suf IHs]; intros pre E; cbn [length seq map]; constructor.
        - unfold f. replace (pred (Pos.to_nat (Pos.of_succ_nat (length pre)))) with (length pre) by lia. rewrite E, app_nth2, Nat.sub_diag by lia. cbn [nth].
          apply (Modular.qmod_ok (Z.of_N q) RS a). apply Hgood. rewrite E. apply in_or_app. right. now left.
        - replace (S (length pre)) with (length (pre ++ [a])) by (rewrite app_length; cbn; lia). apply IHs. rewrite <- app_assoc. exact E. }
      exact (X [] g eq_refl). }
    clear Len Hgood. induction gs as [|g gs IH]; cbn [map]; constructor; [apply K; now left|apply IH; intros; apply K; now right]. }
  destruct (Least.independent_rows_ok (Z.of_N q) RS _ _ _ _ Rel Hind) as (f & Lf & If).
  assert (Ws : forall rs, regular_invariant rs -> Least.on_real M rs (point_vector m p) -> forall w,
    In w (Least.chosen f (map list_vec gs)) -> Least.direction M rs w).
  { intros rs H1 H2 w Hw. apply Least.in_chosen, in_map_iff in Hw as (g & <- & Hg). now apply (Dir rs). }
  apply (real_forms_on m assumptions sm outs HS Hdim). intros c Hc.
  assert (A1 := affine_regular HI). assert (A2 : Least.on_real M (map affine (s_rows L)) (point_vector m p)) by now apply (affine_on m assumptions sm outs HS
    Hdim L HR).
  assert (A3 : Least.on_real M (map affine (s_rows L)) theta) by now apply (affine_on m assumptions sm outs HS Hdim L HR).
  assert (B2 : Least.on_real M (map real_form rows) (point_vector m p)) by now apply (real_forms_on m assumptions sm outs HS Hdim).
  assert (E : Lie.pdot M (fst c) (fun i => 1 * theta i + (-1) * point_vector m p i) = 0).
  { apply (Least.spanned M (map fst (map affine (s_rows L))) (Least.chosen f (map list_vec gs))).
    - exact (reduced_independent m assumptions sm outs HS Hdim (s_rows L) HR).
    - exact If.
    - rewrite !map_length. assert (Arith : forall a b c : nat, c = (a - b)%nat -> (a <= b + c)%nat) by (intros; lia). exact (Arith _ _ _ Lf).
    - intros n Hn. apply in_map_iff in Hn as (r & <- & Hrow). split.
      + rewrite Least.pdot_comb, (A3 r Hrow), (A2 r Hrow). ring.
      + intros w Hw. exact (Ws _ A1 A2 w Hw r Hrow).
    - intros w Hw. exact (Ws _ (forms_regular rows Hr) B2 w Hw c Hc). }
  rewrite Least.pdot_comb, (B2 c Hc) in E. unfold M in E. lra.
Qed.
End Sound.
Theorem check_germ_hull_sound m assumptions p L weaker how members least modulus :
  check_germ_hull m assumptions p L weaker how members least modulus = Some true -> claim_holds m assumptions (Hull p L).
Proof.
  unfold check_germ_hull. destruct (germ_setup m assumptions members) as [[[sm outs] am]|] eqn:Hset; [|discriminate].
  destruct (follows m assumptions weaker) eqn:Hf; [|discriminate]. cbn [negb].
  destruct (reduced_rows (dimension m) (s_rows L) && contains_point m p L) eqn:E2; [|discriminate]. cbn [negb]. apply andb_prop in E2 as [HR Hp].
  destruct (check_invariance m weaker L how) as [[|]|] eqn:EI; try discriminate. intros H.
  destruct (members_facts _ _ _ _ _ _ Hset) as (M1 & M2 & M3). destruct (setup_facts _ _ _ _ _ _ Hset) as (_ & HP & _).
  assert (Inv : forall sigma, admissible m assumptions sigma -> invariant_for m L sigma).
  { intros sigma Ha. apply (check_invariance_sound m weaker L how EI). now apply (follows_ok m assumptions). }
  assert (In_L : in_subspace L (point_vector m p)).
  { intros r Hr. unfold contains_point in Hp. rewrite forallb_forall in Hp. specialize (Hp r Hr). apply qzero_ok in Hp.
    rewrite qadd_ok, qopp_ok, Checks.qdot_ok in Hp. unfold scalar_point in Hp. rewrite numbered_ok, dot_scalar_row in Hp. unfold point_vector, row_of, entry.
    lra. }
  cbn [claim_holds]. rewrite HP. split; [exact In_L|]. split; [exact Inv|]. exists (member_sigma m members). split; [exact M1|]. split; [exact M2|].
  exact (germ_directions_least _ _ _ _ _ _ Hset _ M3 L HR p least modulus (Inv _ M3) In_L H).
Qed.
