(** * Certificates about orbit dimensions and conservation laws: the checks on array models *)
From Coq Require Import String List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Duals Enclosure.
From SimCert Require Slp Checks Flow Lie Jets Evaluator Words Dimension Upper Near Derivatives ModP Gradient Residues Numbers Curve Parallel Orbits ExponentialWitness.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Refute Equivariance Symmetric Parities Matrices Symmetries Bounds.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Points *)
Definition numbered (l : list Q) : Checks.qvec := Assumed.number 1 l.
Lemma assoc_numbered {A} : forall (l : list A) k j, Checks.assoc j (Assumed.number k l) =
  if Pos.ltb j k then None else nth_error l (Pos.to_nat j - Pos.to_nat k).
Proof.
  induction l as [|a l IH]; intros k j; cbn [Assumed.number Checks.assoc].
  - destruct (Pos.ltb j k); [reflexivity|]. now destruct (_ - _)%nat.
  - destruct (Pos.eqb_spec j k) as [->|D].
    + now rewrite Pos.ltb_irrefl, Nat.sub_diag.
    + rewrite IH. destruct (Pos.ltb_spec j (Pos.succ k)), (Pos.ltb_spec j k); try lia; [reflexivity|].
      now replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) by lia.
Qed.
Lemma numbered_ok l : Checks.qv (numbered l) = vector_of l.
Proof.
  apply functional_extensionality. intros j. unfold Checks.qv, numbered, vector_of. rewrite assoc_numbered.
  destruct (Pos.ltb_spec j 1); [lia|]. replace (Pos.to_nat j - Pos.to_nat 1)%nat with (pred (Pos.to_nat j)) by lia.
  destruct (nth_error l (pred (Pos.to_nat j))) as [q|] eqn:E.
  - now rewrite (nth_error_nth _ _ _ E).
  - rewrite nth_overflow; [symmetry; apply Q2R_0|now apply nth_error_None].
Qed.
Definition scalar_point (m : model) (p : point) : Checks.qvec := numbered (flat_values (m_parameters m) p).

(** ** Laws *)
Definition law_poly (h : law) : poly :=
  psum (map (fun t => pscal (fst t) (fold_right (fun p acc => pmul (pvar (N.succ_pos p)) acc) (pcst 1) (snd t))) h).
Lemma law_poly_ok h u : peval u (law_poly h) = law_value h u.
Proof.
  unfold law_poly, law_value. rewrite psum_ok, map_map. unfold lsum, rsum. induction h as [|[c l] h IH]; cbn [map fold_right fst snd]; [reflexivity|].
  rewrite IH, pscal_ok. do 2 f_equal. clear IH. unfold rprod. induction l as [|p l IHl]; cbn [map fold_right]; [rewrite pcst_ok; apply Q2R_1|].
  now rewrite pmul_ok, pvar_ok, IHl.
Qed.
Lemma law_partial h u j : partial (law_value h) j u = Lie.dh (law_poly h) u j.
Proof. unfold Lie.dh. apply partial_ext. intros v. symmetry. apply law_poly_ok. Qed.

Section Laws.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)) (all : bool).
Hypothesis Hs : scalar_model all m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Theorem law_conserved h : Upper.check_law_on sm [] (law_poly h) = true -> forall sigma, admissible m assumptions sigma -> conserved_for m h sigma.
Proof.
  intros H sigma Ha u x Hr k i Hki. destruct (output_scalar m assumptions sm outs all Hs k i Hki) as (o & _ & Ho & So).
  destruct (scalar_gradient m assumptions sm k i o sigma x u So Ha Hr) as (G1 & G2 & _). split; [exact G1|].
  assert (W := scalar_wf m assumptions sm outs all Hs).
  assert (Hp : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)).
  { destruct (scalar_model_ok _ _ _ _ _ Hs) as (_ & -> & _). now apply scalar_par_ok. }
  unfold Upper.check_law_on in H. apply andb_prop in H as [_ H]. cbv zeta in H. rewrite forallb_forall in H. specialize (H o Ho).
  assert (K := Checks.tan1_ok sm _ _ Hp W u x u x (Upper.aleaves_den [] u x)
    (fun j => Upper.psubst (Upper.aleaf (Upper.amap [])) (Lie.pderiv j (law_poly h))) (Lie.dh (law_poly h) u)).
  assert (K1 : forall j, peval (Checks.rho1 sm (scalar_s m assumptions sigma) u x u x) (Upper.psubst (Upper.aleaf (Upper.amap [])) (Lie.pderiv j (law_poly h)))
    = Lie.dh (law_poly h) u j).
  { intros j. rewrite Lie.dh_ok. apply Upper.psubst_ok. intros i'. unfold Checks.rho1. apply (Upper.aleaf_ok u x _ []). }
  specialize (K K1 o Ho). rewrite pis0_ok in K by exact H.
  rewrite (Lie.tan_expand _ (Checks.m_nparams sm)) in K by (apply Lie.params_unroll; auto; now apply Checks.wf_out).
  rewrite K. apply (sum_ok m assumptions sm outs all Hs Hdim). intros p _. rewrite G2. f_equal. unfold partial_p. apply law_partial.
Qed.
End Laws.

(** ** Members *)
Definition jet_functions : list (string * Jets.fn) :=
  [("tanh", Jets.FTanh); ("sin", Jets.FSin); ("cos", Jets.FCos); ("exp", Jets.FExp); ("sinh", Jets.FSinh); ("cosh", Jets.FCosh);
   ("arctan", Jets.FArctan); ("gaussian", Jets.FGaussian); ("expm1", Jets.FExpm1); ("sigmoid", Jets.FSigmoid); ("silu", Jets.FSilu);
   ("softplus", Jets.FSoftplus); ("logcosh", Jets.FLogcosh)]%string.
Definition jet_function (n : text) : option Jets.fn := find n (map (fun e => (txt (fst e), snd e)) jet_functions).
Lemma jet_function_ok n f : jet_function n = Some f -> function_of (Named n) = Some (Jets.fn_fun f).
Proof.
  assert (G : forall l, (forall e, In e l -> function_of (Named (txt (fst e))) = Some (Jets.fn_fun (snd e))) ->
    find n (map (fun e : string * Jets.fn => (txt (fst e), snd e)) l) = Some f -> function_of (Named n) = Some (Jets.fn_fun f)).
  { induction l as [|e l IH]; intros H; cbn [map find]; [easy|]. destruct (text_eqb n (txt (fst e))) eqn:E.
    - intros [= <-]. apply text_eqb_ok in E. subst n. apply H. now left.
    - apply IH. intros; apply H; now right. }
  apply G. intros e H. unfold jet_functions in H. cbn [In] in H.
  repeat (destruct H as [<-|H]; [reflexivity|]). destruct H.
Qed.
(** what is known of the activations of the scalar program: the polynomials exhibited, and the functions with known derivatives *)
Definition scalar_members (m : model) (members : list (text * list Q)) : Gradient.member :=
  flat_map (fun e => match snd (snd e) with
    | Class _ => match find (fst (snd e)) members with Some p => [(fst e, Gradient.KPoly p)] | None => [] end
    | Named n => match jet_function n with Some f => [(fst e, Gradient.KFun f)] | None => [] end
    | _ => [] end) (Assumed.number 1 (m_activations m)).
Lemma in_number {A} : forall (l : list A) k j a, In (j, a) (Assumed.number k l) -> (k <= j)%positive /\ nth_error l (Pos.to_nat j - Pos.to_nat k) = Some a.
Proof.
  induction l as [|b l IH]; intros k j a; cbn [Assumed.number]; [easy|]. intros [[= -> ->]|H].
  - split; [lia|]. now rewrite Nat.sub_diag.
  - apply IH in H as [H1 H2]. split; [lia|]. now replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) by lia.
Qed.
Lemma assoc_in {A} k (l : list (positive * A)) a : Checks.assoc k l = Some a -> In (k, a) l.
Proof.
  induction l as [|[j b] l IH]; cbn; [easy|]. destruct (Pos.eqb_spec k j) as [->|]; [intros [= ->]; now left|]. intros; right; auto.
Qed.
Lemma horner_polynomial c t : Evaluator.horner Evaluator.opsR (map Q2R c) t = polynomial c t.
Proof. unfold Evaluator.horner. induction c as [|a c IH]; cbn [map fold_right polynomial]; [reflexivity|]. now rewrite IH. Qed.
Lemma members_acts m assumptions members : members_ok m members = true ->
  Gradient.poly_acts (scalar_s m assumptions (member_sigma m members)) (scalar_members m members).
Proof.
  intros H k cs E t. apply assoc_in in E. unfold scalar_members in E. apply in_flat_map in E as ([j [f d]] & Hj & E). cbn [fst snd] in E.
  assert (E' : k = j) by (destruct d as [c|c|p q|n]; try easy; [destruct (find f members)|destruct (jet_function n)]; try easy; destruct E as [[= -> _]|[]]; reflexivity).
  subst j. apply in_number in Hj as [_ Hj]. assert (Hin := nth_error_In _ _ Hj). unfold members_ok in H. apply andb_prop in H as [Hd _].
  unfold scalar_s. replace (pred (Pos.to_nat k)) with (Pos.to_nat k - Pos.to_nat 1)%nat by lia. rewrite Hj.
  assert (St : match d with Class _ | Named _ => Slp.f_step (facts_of assumptions (f, d)) = false | _ => True end)
    by (destruct d; try exact I; unfold facts_of; cbn [fst snd]; now destruct (find f assumptions) as [[|]|]).
  cbv zeta. destruct d as [c|c|p q|n]; try easy; rewrite St; unfold member_sigma; rewrite (find_distinct _ f _ Hd Hin).
  - destruct (find f members) as [p|] eqn:Ef; [|easy]. destruct E as [[= <-]|[]]. symmetry. apply horner_polynomial.
  - destruct (jet_function n) as [h|] eqn:Ef; [|easy]. destruct E as [[= <-]|[]]. rewrite (jet_function_ok n h Ef). symmetry. apply Jets.jet_fun.
Qed.
(** the functions that are known here to be differentiable everywhere *)
Definition smooth_names : list string :=
  ["tanh"; "sin"; "cos"; "exp"; "sinh"; "cosh"; "arctan"; "gaussian"; "expm1"; "sigmoid"; "silu"; "softplus"; "logcosh"; "erf"; "gelu"]%string.
Lemma smooth_named n : one_of smooth_names n = true -> exists g, function_of (Named n) = Some g /\ forall t, ex_derive g t.
Proof.
  intros H. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold smooth_names in Hs. cbn [In] in Hs.
  assert (X := fun e (D : forall t, Enclosure.domain e t) t => ex_intro _ _ (Enclosure.slope_term_ok e t (D t)) : ex_derive (Duals.exponential_fun e) t).
  destruct Hs as [<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]]]]]]]]]].
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Tanh (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Sin (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Cos (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Exp (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Sinh (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Cosh (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Arctan (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Gaussian (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Expm1 (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Sigmoid (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Silu (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Softplus (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Logcosh (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Erf (fun _ => I)))).
  - exact (ex_intro _ _ (conj eq_refl (X Duals.Gelu (fun _ => I)))).
Qed.
Definition smooth_definition (d : definition) : bool :=
  match d with Class _ | Polynomial _ => true | Named n => one_of smooth_names n | Piecewise _ _ => false end.
(** polynomials, and classes for which a polynomial is exhibited *)
Definition all_polynomial (m : model) : bool :=
  forallb (fun e => match snd e with Class _ | Polynomial _ => true | _ => false end) (m_activations m).
Definition all_smooth (m : model) : bool := forallb (fun e => smooth_definition (snd e)) (m_activations m).
Lemma members_differentiable m members : all_smooth m = true -> members_ok m members = true -> differentiable m (member_sigma m members).
Proof.
  intros S H f d Hin t. unfold all_smooth in S. rewrite forallb_forall in S. specialize (S _ Hin). unfold members_ok in H. apply andb_prop in H as [Hd _].
  unfold member_sigma. rewrite (find_distinct _ f _ Hd Hin). cbn [snd smooth_definition] in S. destruct d as [c|c|p q|n].
  - apply polynomial_derive.
  - apply polynomial_derive.
  - discriminate S.
  - destruct (smooth_named n S) as (g & -> & Hg). apply Hg.
Qed.
(** the claim is about the classes as such, and about all other functions themselves *)
Definition member_assumptions (m : model) (assumptions : list (text * assumption)) : bool :=
  forallb (fun e => match snd e, find (fst e) assumptions with
    | Class c, Some (Facts l) => forallb (has (class_facts c)) l
    | Class _, _ => false
    | _, Some Itself => true
    | _, _ => false end) (m_activations m).
Lemma members_admissible m assumptions sigma : member_assumptions m assumptions = true -> polynomial_members m sigma -> admissible m assumptions sigma.
Proof.
  intros H P f d Hin. unfold member_assumptions in H. rewrite forallb_forall in H. specialize (H _ Hin). specialize (P f d Hin). cbn [fst snd] in H.
  destruct d as [c|c|p q|n], (find f assumptions) as [[|l]|]; try easy. rewrite forallb_forall in H. intros h Hh. apply (proj2 P). apply has_ok. now apply H.
Qed.

(** ** Invariant subspaces inside proofs: what is assumed there follows from what the claim assumes *)
Definition implied (l : list fact) (h : fact) : bool := has l h || match h with Zero => has l Odd | _ => false end.
Lemma implied_ok l h g : implied l h = true -> (forall h, In h l -> fact_holds g h) -> fact_holds g h.
Proof.
  intros H F. apply orb_prop in H as [H|H]; [now apply F, has_ok|]. destruct h; try easy. apply has_ok, F in H. cbn in *. specialize (H 0).
  rewrite Ropp_0 in H. lra.
Qed.
(** values and slopes of named functions at 0 *)
Definition named_at_zero (n : text) : list fact :=
  match jet_function n with
  | Some (Jets.FTanh | Jets.FSin | Jets.FSinh | Jets.FArctan | Jets.FSilu | Jets.FExpm1) => [Zero]
  | Some (Jets.FCos | Jets.FCosh | Jets.FGaussian) => [Flat]
  | Some Jets.FLogcosh => [Flat; Zero]
  | _ => []
  end.
Lemma named_at_zero_ok n g s h : function_of (Named n) = Some g -> (forall t, s t = g t) -> In h (named_at_zero n) -> fact_holds s h.
Proof.
  unfold named_at_zero. destruct (jet_function n) as [f|] eqn:E; [|easy]. rewrite (jet_function_ok n f E). intros [= <-] Hs Hh.
  assert (Z : h = Zero -> Derivatives.at_zero f = Some 0%Q -> fact_holds s h).
  { intros -> K. apply Derivatives.at_zero_ok in K. rewrite Jets.jet_fun, RMicromega.Q2R_0 in K. cbn. now rewrite Hs. }
  assert (F : h = Flat -> Jets.jetR f 1 0 = 0 -> fact_holds s h).
  { intros -> K. change (Derive s 0 = 0). rewrite <- K at 2. apply is_derive_unique. apply is_derive_ext with (f := Jets.jetR f 0); [intros t; now rewrite Jets.jet_fun, Hs|].
    apply Jets.jet_derive. }
  destruct f; cbn [In] in Hh; repeat (destruct Hh as [<-|Hh]; [first [now apply Z|
    apply F; [reflexivity|]; unfold Jets.jetR, Jets.zeval; cbn; unfold tanh; rewrite ?sin_0, ?sinh_0; unfold Rdiv; ring]|]); destruct Hh.
Qed.
Definition follows (m : model) (assumptions weaker : list (text * assumption)) : bool :=
  forallb (fun e => match find (fst e) assumptions, find (fst e) weaker with
    | Some Itself, Some Itself => true
    | Some (Facts l), Some (Facts l') => forallb (implied l) l'
    | Some Itself, Some (Facts l') => match snd e with
      | Polynomial c => forallb (implied (own_facts (Polynomial c))) l'
      | Named n => forallb (implied (named_parity n ++ named_at_zero n)) l'
      | _ => false end
    | _, _ => false end) (m_activations m).
Lemma follows_ok m assumptions weaker sigma : follows m assumptions weaker = true -> admissible m assumptions sigma -> admissible m weaker sigma.
Proof.
  intros H A f d Hin. unfold follows in H. rewrite forallb_forall in H. specialize (H _ Hin). specialize (A f d Hin). cbn [fst snd] in H.
  destruct (find f assumptions) as [[|l]|], (find f weaker) as [[|l']|]; try easy; try exact A.
  - destruct d as [c|c|p q|n]; try easy; destruct A as (g & Hg & A); rewrite forallb_forall in H; intros h Hh; apply (implied_ok _ _ _ (H h Hh)).
    2:{ intros h' Hh'. apply in_app_or in Hh' as [Hh'|Hh']; [|now apply (named_at_zero_ok n g)]. unfold named_parity in Hh'. apply in_app_or in Hh' as [Hh'|Hh'].
      - destruct (one_of odd_names n) eqn:E; [|destruct Hh']. destruct Hh' as [<-|[]]. intros t. rewrite !A. now apply (odd_named n).
      - destruct (one_of even_names n) eqn:E; [|destruct Hh']. destruct Hh' as [<-|[]]. intros t. rewrite !A. now apply (even_named n). }
    injection Hg as <-. intros h' Hh'. apply (polynomial_facts_ok c (sigma f) A). unfold has. apply existsb_exists. exists h'. split; [exact Hh'|].
    now destruct h'.
  - rewrite forallb_forall in H. intros h Hh. now apply (implied_ok l _ _ (H h Hh)).
Qed.
Definition check_within (m : model) (assumptions : list (text * assumption)) (w : invariant_subspace) : bool :=
  follows m assumptions (i_assumptions w) &&
  match i_proof w with
  | InvSymmetry gs => check_symmetries m (i_assumptions w) (map (fun g => (g, g_nodes g)) gs) (Some (i_subspace w))
  | InvCongruence => check_identity false m (i_assumptions w) (i_subspace w)
  | InvIdentity => check_identity true m (i_assumptions w) (i_subspace w)
  end.
Lemma check_within_sound m assumptions w : check_within m assumptions w = true ->
  forall sigma, admissible m assumptions sigma -> invariant_for m (i_subspace w) sigma.
Proof.
  unfold check_within. intros H sigma Ha. apply andb_prop in H as [Hf H]. assert (Hw := follows_ok _ _ _ _ Hf Ha). destruct (i_proof w) as [gs| |].
  - apply check_symmetries_sound in H. now apply (proj2 H).
  - now apply (check_identity_sound false _ _ _ H).
  - now apply (check_identity_sound true _ _ _ H).
Qed.
Definition affine_row (r : row) : Upper.arow := {| Upper.a_row := scalar_row r; Upper.a_const := r_constant r; Upper.a_piv := N.succ_pos (pivot r) |}.
Definition affine_rows (w : option invariant_subspace) : list Upper.arow := match w with Some w => map affine_row (s_rows (i_subspace w)) | None => [] end.

(** ** Bounds *)
Fixpoint all_some {A B} (f : A -> option B) (l : list A) : option (list B) :=
  match l with [] => Some [] | a :: l' => match f a, all_some f l' with Some b, Some r => Some (b :: r) | _, _ => None end end.
Definition scalar_field (m : model) (outs : list (list positive)) (f : vfield) : option Derivatives.qfield :=
  match all_some (fun e => match scalar_of outs (fst (fst e)) (snd (fst e)) with Some o => Some (o, snd e) | None => None end) (v_covector f) with
  | Some c => Some {| Derivatives.qf_cov := c; Derivatives.qf_x := numbered (flat_values (m_inputs m) (v_input f)) |}
  | None => None
  end.
Definition nats : list N -> list nat := map N.to_nat.
(** the modulus, and residues of exponentials *)
Definition scalar_numbers (n : number_system) : option (Z * option Residues.bases) :=
  match n with
  | Modulo p | WithConstants _ p => Some (Z.of_N p, None)
  | WithBases x => match ExponentialWitness.bases_of x with Some b => Some (Z.of_N (x_modulus x), Some b) | None => None end
  end.
Definition scalar_control (l : list (list Q * N)) : Curve.control := map (fun ci => (fst ci, N.to_nat (snd ci))) l.
(** the bits carried for a precision, as in the other checker; at most 4,064 *)
Definition carried (n : N) : positive := N.succ_pos (2 * N.min n 2000 + 63).
Definition scalar_lower (m : model) (outs : list (list positive)) (l : lower) : option Orbits.lower_proof :=
  match l with
  | LowerNone => Some Orbits.LNone
  | LowerWords cols d fields n words =>
    match all_some (scalar_field m outs) fields, scalar_numbers n with
    | Some fs, Some (p, b) => Some (Orbits.LWords p b fs (map nats words) (map N.succ_pos cols) (Z.of_N d))
    | _, _ => None
    end
  | LowerBalls cols fields n words =>
    match all_some (scalar_field m outs) fields with
    | Some fs => Some (Orbits.LBalls (carried n) fs (map nats words) (map N.succ_pos cols))
    | None => None
    end
  | LowerTransport control curve fields n words =>
    match all_some (scalar_field m outs) fields, scalar_numbers n with
    | Some fs, Some (p, b) => Some (Orbits.LTransport p b fs (scalar_control control) (map (map Z.of_N) curve) (map nats words))
    | _, _ => None
    end
  | LowerPullback adjoint cols control curve d fields n vectors =>
    match all_some (scalar_field m outs) fields, scalar_numbers n with
    | Some fs, Some (p, b) => Some (Orbits.LPullback p b fs (scalar_control control) (map (map Z.of_N) curve) (map (map (map Z.of_N)) adjoint)
        (map N.succ_pos cols) (map (fun ik => (N.to_nat (fst ik), N.to_nat (snd ik))) vectors) (Z.of_N d))
    | _, _ => None
    end
  end.
Definition bound_below (m : model) (sm : Checks.model) (outs : list (list positive)) (mem : Gradient.member) (th : Checks.qvec) (l : lower) : option nat :=
  match scalar_lower m outs l with Some l => Orbits.lower_of sm mem th l | None => None end.
(** the entry of a field that is a unit at the point *)
Fixpoint unit_entry (sm : Checks.model) (mem : Gradient.member) (p : Z) (th : Checks.qvec) (F : Derivatives.qfield) (l : list positive) : option positive :=
  match l with
  | [] => None
  | j :: l' => match ModP.words_det sm mem p (ModP.rational_base p) th [F] [[0%nat]] [j] with Some _ => Some j | None => unit_entry sm mem p th F l' end
  end.
Definition bound_above (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)) (th : Checks.qvec) (u : upper)
  : option nat :=
  match u with
  | UpperFull => Some (Pos.to_nat (Checks.m_nparams sm))
  | UpperLaws _ laws d w =>
    let L := affine_rows w in let hs := map law_poly laws in let chosen := nats (m_rows d) in
    if match w with Some w => applied_known m && check_within m assumptions w | None => true end
       && forallb (Upper.check_law_on sm L) hs && Orbits.picks_ok hs chosen && N.eqb (length_n (m_rows d)) (length_n (m_columns d))
       && match Upper.upper_det sm L (Orbits.pick hs chosen) th (Z.of_N (m_modulus d)) (map N.succ_pos (m_columns d)) with
          | Some e => Z.eqb e (Z.of_N (m_determinant d)) | None => false end
    then Some (Upper.upper_value sm L (Orbits.pick hs chosen)) else None
  | UpperModule f p =>
    match scalar_field m outs f with
    | Some F => match unit_entry sm [] (Z.of_N p) th F (Lie.plist (Checks.m_nparams sm)) with
                | Some j => if N.eqb (N.of_nat (length (Checks.m_outs sm))) 1 && Parallel.check_parallel sm [] (Z.of_N p) None th F j then Some 1%nat else None
                | None => None end
    | None => None
    end
  | UpperGates _ _ _ _ => None
  end.

Section Bound.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)).
Hypothesis Hs : scalar_model true m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Hypothesis Hd : differentiable m sigma.
Let s := scalar_s m assumptions sigma.
Lemma within_tangent L : applied_known m = true -> invariant_for m L sigma -> Upper.tangent sm s (map affine_row (s_rows L)).
Proof.
  intros Hk H u Hu x o c Ho Hc. apply in_map_iff in Hc as (r & <- & Hr). cbn [affine_row Upper.a_row].
  destruct (scalar_entry m assumptions sm outs true Hs Hdim o Ho) as (k & i & O & So).
  assert (HL : in_subspace L u).
  { intros r' Hr'. specialize (Hu (affine_row r') (in_map _ _ _ Hr')). cbn [affine_row Upper.a_row Upper.a_const] in Hu. rewrite dot_scalar_row in Hu.
    exact Hu. }
  assert (Reg := all_regular m sigma Hd u x Hk). destruct (H u HL x Reg k i O) as [_ H2]. specialize (H2 r Hr).
  destruct (scalar_gradient m assumptions sm k i o sigma x u So Ha Reg) as (_ & _ & G). rewrite G in H2.
  rewrite dot_grad; [exact H2|]. exact (scalar_derivable m assumptions sigma Ha Hd).
Qed.
Theorem bound_above_sound th up b : bound_above m assumptions sm outs th up = Some b -> Dimension.lie_le sm s (Checks.qv th) b.
Proof.
  assert (Adm := scalar_adm m assumptions sm outs true Hs sigma Ha Hd). fold s in Adm.
  destruct up as [|how laws d w|f p|fr how laws d]; cbn [bound_above]; cbv zeta; [| | |discriminate].
  - intros [= <-]. apply Dimension.lie_le_full.
  - match goal with |- (if ?b then _ else _) = _ -> _ => destruct b eqn:E; [|easy] end. intros [= <-].
    apply andb_prop in E as [[[[E1 E2]%andb_prop E3]%andb_prop _]%andb_prop E4]. rewrite forallb_forall in E2.
    destruct (Upper.upper_det _ _ _ _ _ _) as [e|] eqn:Ed; [|easy].
    apply (Upper.upper_det_sound sm _ _ th _ _ e Ed).
    + destruct w as [w|]; cbn [affine_rows]; [|intros u _ x o c _ []].
      apply andb_prop in E1 as [E0 E1]. apply within_tangent; [exact E0|]. now apply (check_within_sound _ _ _ E1).
    + intros h Hh. apply Upper.check_law_on_sound; [|exact Adm]. apply E2. now apply (Orbits.pick_in _ _ _ E3).
  - destruct (scalar_field m outs f) as [F|]; [|easy]. destruct (unit_entry _ _ _ _ _ _) as [j|]; [|easy].
    match goal with |- (if ?b then _ else _) = _ -> _ => destruct b eqn:E; [|easy] end. intros [= <-]. apply andb_prop in E as [_ E].
    apply (Parallel.check_parallel_sound sm [] _ None th F j E s Adm). intros k cs Hk. discriminate.
Qed.
End Bound.

(** ** orbit-dimension *)
Definition member_setup (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)) : bool :=
  N.ltb 0 (dimension m) && members_ok m members && all_smooth m && member_assumptions m assumptions.
Definition check_orbit (m : model) (assumptions : list (text * assumption)) (p : point) (low up : N) (l : lower) (members : list (text * list Q)) (u : upper)
  : bool :=
  member_setup m assumptions members &&
  match scalar_model true m assumptions with
  | Some (sm, outs) =>
    let th := scalar_point m p in
    match bound_below m sm outs (scalar_members m members) th l, bound_above m assumptions sm outs th u with
    | Some a, Some b => Nat.eqb a (N.to_nat low) && Nat.eqb b (N.to_nat up)
    | _, _ => false
    end
  | None => false
  end.
Section Member.
Variables (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)).
Hypothesis H : member_setup m assumptions members = true.
Let sigma := member_sigma m members.
Lemma setup_ok : (0 < dimension m)%N /\ polynomial_members m sigma /\ differentiable m sigma /\ admissible m assumptions sigma /\
  Gradient.poly_acts (scalar_s m assumptions sigma) (scalar_members m members).
Proof.
  unfold member_setup in H. apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4]. apply N.ltb_lt in H1.
  assert (P : polynomial_members m sigma).
  { apply members_polynomial; [exact H2|]. intros f d Hin. unfold all_smooth in H3. rewrite forallb_forall in H3. specialize (H3 _ Hin).
    destruct d as [c|c|p q|n]; try easy; [now exists (polynomial c)|]. destruct (smooth_named n H3) as (g & Hg & _). now exists g. }
  split; [exact H1|]. split; [exact P|]. split; [now apply members_differentiable|]. split; [now apply (members_admissible m assumptions)|].
  now apply members_acts.
Qed.
Lemma bound_below_sound sm outs th l r : scalar_model true m assumptions = Some (sm, outs) ->
  bound_below m sm outs (scalar_members m members) th l = Some r -> Dimension.lie_ge sm (scalar_s m assumptions sigma) (Checks.qv th) r.
Proof.
  intros Hs. unfold bound_below. destruct (scalar_lower m outs l) as [l'|]; [|easy]. intros Hl. destruct setup_ok as (_ & _ & Hd & Ha & Hp).
  apply (Orbits.lower_of_sound _ _ _ _ _ Hl); [|exact Hp]. exact (scalar_derivable m assumptions sigma Ha Hd).
Qed.
End Member.
Lemma no_piecewise m assumptions members : member_setup m assumptions members = true -> has_piecewise m = false.
Proof.
  intros H. apply andb_prop in H as [[_ H]%andb_prop _]. unfold has_piecewise. destruct (existsb _ _) eqn:E; [|reflexivity]. apply existsb_exists in E as (e & He & E).
  unfold all_smooth in H. rewrite forallb_forall in H. specialize (H e He). now destruct (snd e).
Qed.
Theorem check_orbit_sound m assumptions p low up l members u : check_orbit m assumptions p low up l members u = true ->
  claim_holds m assumptions (OrbitDimension p low up).
Proof.
  unfold check_orbit. intros H. apply andb_prop in H as [H0 H]. destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Hs; [|easy]. cbv zeta in H.
  destruct (bound_below _ _ _ _ _ _) as [a|] eqn:El; [|easy]. destruct (bound_above _ _ _ _ _ _) as [b|] eqn:Eu; [|easy].
  apply andb_prop in H as [->%Nat.eqb_eq ->%Nat.eqb_eq]. destruct (setup_ok _ _ _ H0) as (Hdim & P & Hd & Ha & Hp).
  assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok.
  assert (Low := bound_below_sound _ _ _ H0 sm outs _ l _ Hs El). rewrite Eth in Low.
  assert (Up : forall sigma, admissible m assumptions sigma -> differentiable m sigma ->
    Dimension.lie_le sm (scalar_s m assumptions sigma) (point_vector m p) (N.to_nat up)).
  { intros sigma Ha' Hd'. rewrite <- Eth. exact (bound_above_sound m assumptions sm outs Hs Hdim sigma Ha' Hd' _ u _ Eu). }
  cbn [claim_holds]. rewrite (no_piecewise _ _ _ H0). split.
  - exists (member_sigma m members). split; [exact P|]. split; [exact Hd|].
    destruct (Dimension.lie_dim_exists sm (scalar_s m assumptions (member_sigma m members)) (point_vector m p)) as (d & [Dg Dl] & _).
    exists d. split; [apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha); split; assumption|].
    split; [apply (Dimension.lie_ge_le _ _ _ _ _ Low Dl)|apply (Dimension.lie_ge_le _ _ _ _ _ Dg), Up; assumption].
  - intros sigma Ha' Hd' d D. apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha') in D.
    apply (Dimension.lie_ge_le _ _ _ _ _ (proj1 D)), Up; assumption.
Qed.

(** ** conservation-laws *)
Definition check_conservation (m : model) (assumptions : list (text * assumption)) (generic : Z) (laws : list law) (rank : N)
    (d : minor) (l : lower) (members : list (text * list Q)) (p : point) : bool :=
  N.ltb 0 (dimension m) && (Z.ltb generic 0 || member_setup m assumptions members) && N.eqb (length_n (m_columns d)) rank &&
  match scalar_model true m assumptions with
  | Some (sm, outs) =>
    match (if Z.ltb generic 0 then Some Orbits.LNone else scalar_lower m outs l) with
    | Some l =>
      Orbits.check_laws sm (scalar_members m members) (scalar_point m p) (map law_poly laws) (nats (m_rows d)) (Z.of_N (m_modulus d))
        (map N.succ_pos (m_columns d)) (Z.of_N (m_determinant d)) (N.to_nat rank) (if Z.ltb generic 0 then None else Some (Z.to_nat generic)) l
    | None => false
    end
  | None => false
  end.
Lemma incl_map {A B} (f : A -> B) (l : list A) ys : incl ys (map f l) -> exists xs, ys = map f xs /\ incl xs l.
Proof.
  induction ys as [|y ys IH]; intros H; [exists []; split; [reflexivity|easy]|].
  destruct IH as (xs & -> & I); [intros z Hz; apply H; now right|]. assert (Hy := H y (or_introl eq_refl)). apply in_map_iff in Hy as (x & <- & Hx).
  exists (x :: xs). split; [reflexivity|]. intros z [<-|Hz]; auto.
Qed.
Theorem check_conservation_sound m assumptions generic laws rank d l members p :
  check_conservation m assumptions generic laws rank d l members p = true -> claim_holds m assumptions (ConservationLaws generic laws rank).
Proof.
  unfold check_conservation. intros H. apply andb_prop in H as [[[Hdim Hset]%andb_prop _]%andb_prop H]. apply N.ltb_lt in Hdim.
  destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Hs; [|easy].
  match type of H with match ?o with _ => _ end = _ => destruct o as [l'|] eqn:El; [|easy] end.
  assert (HL := H). apply Orbits.check_laws_sound in H as (_ & (ls & L1 & L2 & L3) & H3).
  assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok. rewrite Eth in *.
  cbn [claim_holds]. split; [|split].
  - intros sigma Ha h Hh. apply (law_conserved m assumptions sm outs true Hs Hdim); [|exact Ha].
    unfold Orbits.check_laws in HL. apply andb_prop in HL as [[[[[_ HL]%andb_prop _]%andb_prop _]%andb_prop _]%andb_prop _].
    rewrite forallb_forall in HL. apply HL. now apply in_map.
  - destruct (incl_map law_poly laws ls L2) as (hs & -> & I). exists (point_vector m p), hs. rewrite map_length in L1. split; [exact L1|]. split; [exact I|].
    unfold gradients_independent. apply (independent_same m assumptions sm outs true Hs Hdim). rewrite map_map in L3.
    assert (E : map (fun h j => partial (law_value h) j (point_vector m p)) hs = map (fun h => Lie.dh (law_poly h) (point_vector m p)) hs); [|now rewrite E].
    apply map_ext. intros h. apply functional_extensionality. intros j. apply law_partial.
  - intros Hg. assert (Z.ltb generic 0 = false) as Eg by (apply Z.ltb_ge; lia). rewrite Eg in *. cbn [orb] in Hset.
    destruct (setup_ok _ _ _ Hset) as (_ & P & Hd & Ha & Hp). destruct (H3 _ eq_refl) as [H4 H5]. split.
    + destruct (nparams_ok m assumptions sm outs true Hs Hdim) as [_ E]. rewrite E in H4. lia.
    + rewrite (no_piecewise _ _ _ Hset). exists (member_sigma m members). split; [exact P|]. split; [exact Hd|].
      destruct (H5 _ (scalar_adm m assumptions sm outs true Hs _ Ha Hd) Hp) as (eps & He & N). exists (point_vector m p), eps. split; [exact He|].
      intros u Hu. apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha). now apply N.
Qed.
