(** * The checker on bytes, and its theorem. *)
From Coq Require Import List ZArith NArith QArith Reals Bool Ascii String.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Refute ExponentialWitness SeriesWitness Equivariance Symmetric Nodewise Slopes Kinks Matrices Symmetries Bounds Ranks Pieces Posets Lattices Closures Conjugacy Classes Hulls PieceHulls Reduction KinkRows Expansion DataChecks.
From SimCert Require Classify Products.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.

Inductive verdict := Verified | Rejected | Malformed | Unsupported_kind | Incomplete | Too_large.

Definition no_function (d : definition) : bool :=
  match d with Class _ => true | _ => false end.
(** the assumption "itself" is never void *)
Lemma function_defined d : definition_ok d = true -> no_function d = false -> exists g, function_of d = Some g.
Proof.
  destruct d as [c|c|s t|n]; cbn [no_function function_of]; eauto; [easy|]. cbn [definition_ok].
  unfold is. intros H K. apply existsb_exists in H as (e & He & E). apply text_eqb_ok in E. subst n.
  revert K. unfold named_facts in He. cbn [In] in He.
  repeat (destruct He as [<-|He]; [cbn; intros; try discriminate; eauto|]). destruct He.
Qed.

(** every activation that is not a class is a function that is defined here *)
Definition all_defined (m : model) : bool :=
  forallb (fun e => match snd e with Class _ => true | d => definition_ok d && negb (no_function d) end) (m_activations m).
(** a field that is not 0 for a member says nothing about the others; gates are those of piecewise functions *)
Definition with_class_module (m : model) (u : upper) : bool :=
  match u with UpperModule _ _ => existsb (fun e => match snd e with Class _ => true | _ => false end) (m_activations m) | UpperGates _ _ _ _ => true | _ => false end.
(** what is not shown of functions that are opaque here may be so *)
Definition or_unsupported (m : model) (b : bool) : option bool := if b then Some true else if all_polynomial m then Some false else None.
(** every activation has enclosures here *)
Definition all_enclosed (m : model) : bool :=
  forallb (fun e => match snd e with Class _ | Polynomial _ => true | d => match shape_of_definition d with Some _ => true | None => false end end) (m_activations m).

(** normal forms; with a piecewise function taken itself also for every slope at 0. Identities may need differential equations that are not known here *)
Definition check_forms (all : bool) (m : model) (assumptions : list (text * assumption)) (L : subspace) : option bool :=
  if negb (check_identity all m assumptions L) then if all && opaque_functions m assumptions then None else Some false
  else if kinks m assumptions && negb (negb (taken_itself m assumptions partial_definition) && check_kinked all m assumptions L) then None
  else Some true.
Lemma check_forms_sound all m assumptions L : check_forms all m assumptions L = Some true ->
  claim_holds m assumptions (Invariant L) /\ holds_at_kinks m assumptions (Invariant L).
Proof.
  unfold check_forms. destruct (check_identity all m assumptions L) eqn:E; [|destruct (all && _)%bool; easy]. cbn [negb].
  destruct (kinks m assumptions && _)%bool eqn:K; [easy|]. intros _. split; [intros sigma; now apply (check_identity_sound all)|].
  intros Hk. rewrite Hk in K. cbn [andb] in K. apply negb_false_iff, andb_prop in K as [_ K]. now apply (check_kinked_sound all).
Qed.
(** matrices are checked on scalar programs, where less is known of functions that are opaque *)
Definition or_opaque (m : model) (gs : list generator) (o : option bool) : option bool :=
  match o with Some false => if existsb with_matrix gs && negb (all_polynomial m) then None else o | _ => o end.
Lemma or_opaque_true m gs o : or_opaque m gs o = Some true -> o = Some true.
Proof. destruct o as [[|]|]; cbn [or_opaque]; try easy. now destruct (_ && _)%bool. Qed.
(** a lower bound by interval arithmetic: more bits than here may show it *)
Definition by_balls (l : lower) : bool := match l with LowerBalls _ _ _ _ => true | _ => false end.
Definition with_balls (p : proof) : bool :=
  match p with
  | ByBounds l _ _ | ByLaws _ _ l _ _ | ByHull _ _ _ (MinimalOrbit l) _ | ByRecoverable _ _ {| b_lower := l |} _ _ | ByProducts _ _ {| b_lower := l |} => by_balls l
  | ByTable _ strata => existsb (fun s => existsb by_balls (fst s)) strata
  | _ => false
  end.
(** [None]: unsupported *)
Definition check_claim (m : model) (assumptions : list (text * assumption)) (c : claim) (p : proof) : option bool :=
  let kinked := kinks m assumptions in
  unless (negb (orders_zero m) || taken_itself m assumptions no_function)
  match c, p with
  | Invariant L, ByIdentity => unless false (check_forms true m assumptions L)
  | Invariant L, ByCongruence => unless false (check_forms false m assumptions L)
  | Invariant L, BySymmetry gs =>
    unless false (or_opaque m gs (check_fixing m assumptions (map (fun g => (g, g_nodes g)) gs) L))
  | NotInvariant L, ByRational w v => unless (negb (all_defined m)) (Some (check_rational m L w v))
  | NotInvariant L, ByResidue w q v => unless (negb (all_defined m)) (Some (check_residue m L w q v))
  | NotInvariant L, ByBall w _ a b => unless (negb (all_defined m && all_treated m (w_members w) && all_enclosed m)) (decide_ball m L w a b)
  | Symmetry gs, ByEquivariance l =>
    unless false (or_opaque m gs (Some (has_length l (length_n gs) && check_symmetries m assumptions (combine gs l) None)))
  | FixedSpace gs L, ByEquivariance l =>
    unless (negb (has_length l (length_n gs))) (or_opaque m gs (check_fixing m assumptions (combine gs l) L))
  | OrbitDimension pt a b, ByBounds l members u =>
    if kinked then check_germs m assumptions pt a b l members u else
    unless (with_class_module m u) (or_unsupported m (check_orbit m assumptions pt a b l members u))
  | ConservationLaws g laws r, ByLaws how d l members pt =>
    if kinked then check_germ_laws m assumptions g laws r how d l members pt else
    unless false (or_unsupported m (check_conservation m assumptions g laws r d l members pt))
  | Lattice beyond edges gs nodes false, ByClosure ps l => unless false (check_closure m assumptions beyond edges gs nodes ps l)
  | Lattice [] edges gs nodes true, ByOrbits images l => unless false (check_orbits m assumptions edges gs nodes images l)
  | Hull pt L, ByHull s how members least q =>
    if kinked then check_germ_hull m assumptions pt L s how members least q else unless false (check_hull m assumptions pt L s how members least q)
  | Quotient q n small L, ByComparison i => unless false (check_quotient m assumptions q n small L i None)
  | Quotient q n small L, ByExpansion axes i rs => unless false (check_quotient m assumptions q n small L i (Some (axes, rs)))
  | NotInvariant L, ByExponential w x v => unless (negb (all_defined m)) (Some (check_exponential m L w x v))
  | NotInvariant L, BySeries w x v => unless (negb (all_defined m)) (check_series m L w x v)
  | DataInvariant data gs f L, ByEquivariance l => unless (negb (has_length l (length_n gs))) (check_data m assumptions data (combine gs l) f L)
  | Classification row l b n, ByTable members proofs => unless false (Classify.check_classification m assumptions row l b n members proofs)
  | Intrinsic laws a pt r b w, ByRecoverable _ _ _ _ _ | Intrinsic laws a pt r b w, ByProducts _ _ _ =>
    unless false (Products.check_intrinsic m assumptions laws a pt r b w p)
  | _, _ => None
  end.

Lemma or_unsupported_true m b : or_unsupported m b = Some true -> b = true.
Proof. unfold or_unsupported. destruct b; [easy|]. destruct (all_polynomial m); discriminate. Qed.
Theorem check_claim_sound m assumptions c p : check_claim m assumptions c p = Some true -> claim_holds m assumptions c.
Proof.
  unfold check_claim. cbv zeta. intros H. apply unless_true in H as [_ H].
  assert (Def : all_defined m = true -> forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end).
  { unfold all_defined. intros D f d Hin. rewrite forallb_forall in D. specialize (D _ Hin). cbn [snd] in D.
    destruct d; [exact I| | |]; apply andb_prop in D as [D1 D2]; apply function_defined; auto; now apply negb_true_iff in D2. }
  destruct c as [L|L|gs|gs L|ge laws r|pt a b|[|be0 be] ed gs no [|]|pt L|q' ns small L|data gs f L|row st ind tot|ls a pt r b wh],
    p as [|gs'| | |w v|w q v|w n a' b'|l|lo mem up|how d lo mem pt'|ps l|im l|s how mem le mo|i|axes i rs|w x v|mem ts|w x v|dt how lie q rs|bs how lie];
    try discriminate H;
    try (lazymatch type of H with
      | (if _ then check_germs _ _ _ _ _ _ _ _ else _) = _ => destruct (kinks m assumptions); [now apply check_germs_sound in H|]
      | (if _ then check_germ_laws _ _ _ _ _ _ _ _ _ _ else _) = _ => destruct (kinks m assumptions); [now apply check_germ_laws_sound in H|]
      | (if _ then check_germ_hull _ _ _ _ _ _ _ _ _ else _) = _ => destruct (kinks m assumptions); [now apply check_germ_hull_sound in H|] end);
    apply unless_true in H as [K H]; try apply or_opaque_true in H; try (injection H as H).
  - apply check_fixing_sound, proj1, check_symmetries_sound in H. intros sigma Ha. now apply (proj2 H).
  - now apply (check_forms_sound false).
  - now apply (check_forms_sound true).
  - apply negb_false_iff in K. now apply (check_rational_sound m L w v (Def K)).
  - apply negb_false_iff in K. now apply (check_residue_sound m L w q v (Def K)).
  - apply negb_false_iff in K. apply andb_prop in K as [[K _]%andb_prop _]. now apply (check_ball_sound m L w a' b' (Def K)), decide_ball_true.
  - apply negb_false_iff in K. now apply (check_exponential_sound m L w x v (Def K)).
  - apply negb_false_iff in K. now apply (check_series_sound m L w x v (Def K)).
  - apply andb_prop in H as [H1 H]. apply check_symmetries_sound in H as [H _]. rewrite fst_combine in H by exact H1. exact H.
  - apply negb_false_iff in K. apply check_fixing_sound, proj1, check_symmetries_sound in H as [H2 [H3 H4]]. rewrite fst_combine in H2, H3 by exact K.
    split; [exact H3|]. intros sigma Ha. split; [now apply H2|now apply H4].
  - apply or_unsupported_true in H. now apply (check_conservation_sound _ _ _ _ _ d lo mem pt').
  - apply or_unsupported_true in H. now apply (check_orbit_sound _ _ _ _ _ lo mem up).
  - now apply (check_orbits_sound _ _ _ _ _ im l).
  - now apply (check_closure_sound _ _ _ _ _ _ ps l).
  - now apply (check_closure_sound _ _ _ _ _ _ ps l).
  - now apply (check_hull_sound _ _ _ _ s how mem le mo).
  - exact (proj1 (check_quotient_sound m assumptions q' ns small L i None H)).
  - exact (proj1 (check_quotient_sound m assumptions q' ns small L i (Some (axes, rs)) H)).
  - apply negb_false_iff in K. apply check_data_sound, proj1 in H. now rewrite fst_combine in H by exact K.
  - now apply (Classify.check_classification_sound _ _ _ _ _ _ mem ts).
  - now apply (Products.check_intrinsic_sound _ _ _ _ _ _ _ _ (ByRecoverable dt how lie q rs)).
  - now apply (Products.check_intrinsic_sound _ _ _ _ _ _ _ _ (ByProducts bs how lie)).
Qed.
Theorem check_claim_kinks m assumptions c p : check_claim m assumptions c p = Some true -> holds_at_kinks m assumptions c.
Proof.
  unfold check_claim. cbv zeta. intros H. apply unless_true in H as [_ H].
  destruct c as [| | | | | |[|? ?] ? ? ? [|]| | | | |], p; try discriminate H; try exact I; apply unless_true in H as [K H]; try apply or_opaque_true in H;
    lazymatch type of H with
    | check_fixing _ _ _ _ = _ => now apply check_fixing_sound in H
    | check_forms _ _ _ _ = _ => now apply check_forms_sound in H
    | check_closure _ _ _ _ _ _ _ _ = _ => now apply check_closure_sound in H
    | check_orbits _ _ _ _ _ _ _ = _ => now apply check_orbits_sound in H
    | check_quotient _ _ _ _ _ _ _ _ = _ => now apply check_quotient_sound in H
    | check_data _ _ _ _ _ _ = _ => apply negb_false_iff in K; apply check_data_sound, proj2 in H; now rewrite fst_combine in H by exact K
    | _ => cbn [holds_at_kinks]; congruence
    end.
Qed.

(** arrays of at most twenty million entries together *)
Definition check_certificate (c : certificate) : verdict :=
  if negb (certificate_ok c) then Malformed
  else if N.ltb max_entries (entries_of (c_model c)) then Too_large
  else match c_proof c with
  | NoProof => Incomplete
  | p => match check_claim (c_model c) (c_assumptions c) (c_claim c) p with
         | Some true => Verified | Some false => if with_balls p then Unsupported_kind else Rejected | None => Unsupported_kind end
  end.
(** of a certificate with a kind or a method that is not known here: whether its model and its assumptions are in order *)
Definition plausible (j : json) : bool :=
  match version_one j with
  | Some true =>
    match field "model" dmodel j, field "claim" (field "activations" (dnamed dassumption)) j, field "claim" (field "kind" dstring) j with
    | Some m, Some a, Some k =>
      model_ok m && assumptions_ok (existsb (fun w => is w k) ["not-invariant"; "conservation-laws"; "orbit-dimension"; "hull"; "classification"; "intrinsic"; "not-intrinsic"]) m a
      && match field "claim" (fun c => match dclaim c with Ok c => Some (claim_ok m c) | Bad => Some false | Unsupported => Some true end) j with
         | Some b => b | None => false end
    | _, _, _ => false
    end
  | Some false => true
  | None => false
  end%bool.
Definition check_text (t : text) : verdict :=
  match parse t with
  | None => Malformed
  | Some j =>
    match decode j with
    | Bad => Malformed
    | Unsupported => if (text_eqb (print_json j) t && plausible j)%bool then Unsupported_kind else Malformed
    | Ok c => if text_eqb (print_certificate c) t then check_certificate c else Malformed
    end
  end.

(** for messages only *)
Definition kind_of (t : text) : text :=
  match parse t with
  | Some j => match field "claim" (field "kind" dstring) j with Some k => k | None => [] end
  | None => []
  end.

(** If the checker says "verified", the claim holds; also where a piecewise function has no derivative, with any slope. *)
Theorem check_certificate_sound c : check_certificate c = Verified ->
  certificate_ok c = true /\ claim_holds (c_model c) (c_assumptions c) (c_claim c) /\ holds_at_kinks (c_model c) (c_assumptions c) (c_claim c).
Proof.
  unfold check_certificate. destruct (certificate_ok c); [|easy]. cbn [negb]. destruct (N.ltb max_entries (entries_of (c_model c))); [easy|].
  intros H. assert (E : check_claim (c_model c) (c_assumptions c) (c_claim c) (c_proof c) = Some true)
    by (destruct (c_proof c); try easy; destruct (check_claim _ _ _ _) as [[|]|]; try easy; destruct (with_balls _); easy).
  split; [reflexivity|]. split; [now apply (check_claim_sound _ _ _ (c_proof c))|now apply (check_claim_kinks _ _ _ (c_proof c))].
Qed.

(** The same of bytes: they are a certificate, and its claim holds. *)
Theorem check_text_verified t : check_text t = Verified ->
  exists c, t = print_certificate c /\ check_certificate c = Verified.
Proof.
  unfold check_text. destruct (parse t); [|easy]. destruct (decode j) as [c| |]; [|easy|destruct (_ && _)%bool; easy].
  destruct (text_eqb (print_certificate c) t) eqn:E; [|easy]. apply text_eqb_ok in E. intros H. exists c. now split.
Qed.
Theorem check_text_sound t : check_text t = Verified ->
  exists c, t = print_certificate c /\ certificate_ok c = true /\ claim_holds (c_model c) (c_assumptions c) (c_claim c).
Proof. intros (c & E & H)%check_text_verified. exists c. split; [exact E|]. now apply check_certificate_sound in H as (H1 & H2 & _). Qed.
Theorem check_text_kinks t : check_text t = Verified ->
  exists c, t = print_certificate c /\ holds_at_kinks (c_model c) (c_assumptions c) (c_claim c).
Proof. intros (c & E & H)%check_text_verified. exists c. split; [exact E|]. now apply check_certificate_sound in H as (_ & _ & H). Qed.
