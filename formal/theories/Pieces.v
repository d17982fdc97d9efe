(** * Orbit dimensions and conservation laws of models with piecewise functions: the checks

    Supported: polynomials and piecewise functions with a kink, all taken themselves. Lower bounds are those of the program of copies with the gates of the
    inputs at the point (exact rational evaluation), upper bounds those of the program with free gates. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Modular Derivatives Signs Slp Checks Lie Dimension Upper Near ModP Gradient Orbits Words.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper Assumed Invariance Refute Equivariance Bounds Ranks.
From SimCert Require Gated Ranges.
From SimCert Require Import Germs.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Which models *)
Definition pieces_ok (m : model) (assumptions : list (text * assumption)) : bool :=
  forallb (fun e => match find (fst e) assumptions, snd e with
    | Some Itself, Polynomial _ => true | Some Itself, Piecewise p q => negb (qeqb p q) | _, _ => false end) (m_activations m) &&
  forallb (fun n => match n with
    | NApply s a f _ => match find f (m_activations m) with Some _ => N.leb (size s) (size (shape_at m a)) | None => false end
    | _ => true end) (m_nodes m).
(** the model whose outputs are the arguments of the piecewise functions *)
Definition arguments (m : model) : list N :=
  flat_map (fun n => match n with NApply _ a f _ => match find f (m_activations m) with Some (Piecewise _ _) => [a] | _ => [] end | _ => [] end) (m_nodes m).
Definition argument_model (m : model) : model :=
  {| m_activations := m_activations m; m_inputs := m_inputs m; m_nodes := m_nodes m; m_outputs := arguments m; m_parameters := m_parameters m |}.
Definition regular_at (am : Checks.model) (th x : Checks.qvec) : bool :=
  let V := Slp.vals (run_at am th x) in forallb (fun o => Checks.pconst_nz (Slp.getP V o)) (Checks.m_outs am).
Definition no_gates : PM.t Q := PM.empty Q.
(** the scalar model, its outputs, and that of the arguments *)
Definition germ_setup (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)) : option (Checks.model * list (list positive) *
  Checks.model) :=
  if N.ltb 0 (dimension m) && has_piecewise m && members_ok m members && member_assumptions m assumptions && pieces_ok m assumptions then
    match scalar_model true m assumptions, scalar_model true (argument_model m) assumptions with
    | Some (sm, outs), Some (am, _) =>
      if all_signs sm && all_signs am && Gated.no_acts (gated_model no_gates sm) && Gated.no_acts (gated_model no_gates am) then Some (sm, outs, am) else None
    | _, _ => None
    end
  else None.

(** ** What generators in proofs of laws say (hints: they may only lead to a refusal) *)
(** the part on leaf node [k] of ½ θᵀAθ, A the matrix of the linear field of the generator; at parameters that no earlier leaf has *)
Definition digit (i inner n : N) : N := (i / inner) mod n.
Definition generator_terms (m : model) (g : scaling) (k : N) (n : node) (seen : PM.t unit) : list poly :=
  let s := shape_of n in
  match Meaning.find_n k (e_nodes g) with
  | Some axes =>
    let table := combine axes (combine s (map (fun j => size (skipn (S j) s)) (seq 0 (length s)))) in
    let chosen i := match e_slice g with
      | Some (cut, index) => match find_n k cut with
        | Some j => match nth_error table (N.to_nat j) with Some (_, (len, inner)) => N.eqb (digit i inner len) index | None => false end
        | None => false end
      | None => true end in
    let leaf i := N.succ_pos (leaf_index m n i) in
    flat_map (fun i => match PM.find (leaf i) seen with
      | Some _ => []
      | None => if chosen i then flat_map (fun e =>
        let '((a, w), (len, inner)) := e in
        match a with
        | Some a =>
          let d := digit i inner len in
          let other c := pscal (qmul (Qmake 1 2) w) (pmul (pvar (leaf i)) (pvar (leaf (i - d * inner + c * inner)%N))) in
          flat_map (fun rcq => let '((r, c), q) := rcq in
            (if N.eqb d r then [pscal q (other c)] else []) ++ (if N.eqb d c && negb (N.eqb r c) then [pscal q (other r)] else []))
            (nth (N.to_nat a) (e_actions g) [])
        | None => [] end) table else [] end) (nrange (size s))
  | None => []
  end.
Definition generator_law (m : model) (g : scaling) : poly :=
  psum (fst (fold_left (fun acc kn =>
    let '(l, seen) := acc in let '(k, n) := kn in
    match n with
    | NParameter _ _ | NStack _ _ =>
      (generator_terms m g k n seen ++ l, fold_left (fun t i => PM.add (N.succ_pos (leaf_index m n i)) tt t) (nrange (size (shape_of n))) seen)
    | _ => acc
    end) (combine (nrange (length_n (m_nodes m))) (m_nodes m)) ([], PM.empty unit))).
Fixpoint generators_match (m : model) (gs : list scaling) (laws : list law) : bool :=
  match gs, laws with
  | [], [] => true
  | g :: gs', h :: laws' => peqb (generator_law m g) (law_poly h) && generators_match m gs' laws'
  | _, _ => false
  end.
Definition part_matches (m : model) (p : part_proof) (laws : list law) : bool :=
  match p with LawIdentity => true | LawScaling gs => generators_match m gs laws end.
Definition hints_match (m : model) (how : law_proof) (laws : list law) : bool :=
  match how with
  | LawPart p => part_matches m p laws
  | LawJoint parts =>
    snd (fold_left (fun acc cp => let '(rest, b) := acc in let n := N.to_nat (fst cp) in (skipn n rest, b &&
      part_matches m (snd cp) (firstn n rest))) parts (laws, true))
  end.

(** ** Bounds *)
Definition fields_of (l : Orbits.lower_proof) : list Derivatives.qfield :=
  match l with Orbits.LNone => [] | Orbits.LWords _ _ fs _ _ _ => fs | Orbits.LTransport _ _ fs _ _ _ => fs | Orbits.LPullback _ _ fs _ _ _ _ _ _ | Orbits.LBalls _ fs _ _ => fs end.
Definition with_fields (fs : list Derivatives.qfield) (l : Orbits.lower_proof) : Orbits.lower_proof :=
  match l with
  | Orbits.LNone => Orbits.LNone
  | Orbits.LWords p b _ words cols det => Orbits.LWords p b fs words cols det
  | Orbits.LTransport p b _ ctl curve words => Orbits.LTransport p b fs ctl curve words
  | Orbits.LPullback p b _ ctl curve adjoint cols vectors det => Orbits.LPullback p b fs ctl curve adjoint cols vectors det
  | Orbits.LBalls n _ words cols => Orbits.LBalls n fs words cols
  end.
Definition gates_of (sm am : Checks.model) (th : Checks.qvec) (F : Derivatives.qfield) : option (PM.t Q * Checks.qvec) :=
  if regular_at am th (Derivatives.qf_x F) then match gates_at sm th (Derivatives.qf_x F) with Some t => Some (t,
    Derivatives.qf_x F) | None => None end else None.
(** field number i of the proof, in the copy of its input *)
Definition copied (sm : Checks.model) (l : list (PM.t Q * Checks.qvec)) (fs : list Derivatives.qfield) : list Derivatives.qfield :=
  map (fun bF => {| Derivatives.qf_cov := map (fun oc => (Gated.sh (fst bF) (fst oc), snd oc)) (Derivatives.qf_cov (snd bF)); Derivatives.qf_x := [] |})
    (combine (bases (Checks.m_prog sm) l 1) fs).
Definition germs_below (m : model) (sm am : Checks.model) (outs : list (list positive)) (th : Checks.qvec) (l : lower) : option (list (PM.t Q * Checks.qvec)
  * nat) :=
  match scalar_lower m outs l with
  | Some l =>
    match all_some (gates_of sm am th) (fields_of l) with
    | Some ts =>
      let cm := copies_model sm ts in
      if Gated.no_acts cm then
        match Orbits.lower_of cm [] th (with_fields (copied sm ts (fields_of l)) l) with Some r => Some (ts, r) | None => None end
      else None
    | None => None
    end
  | None => None
  end.
Definition laws_above (gm : Checks.model) (th : Checks.qvec) (laws : list law) (d : minor) : option nat :=
  if N.eqb (length_n (m_rows d)) (length_n (m_columns d)) then
    Orbits.upper_of gm [] th (Orbits.ULaws (Z.of_N (m_modulus d)) [] (map law_poly laws) (nats (m_rows d)) (map N.succ_pos (m_columns d)) (Z.of_N
      (m_determinant d)))
  else None.
(** parameters whose components of all fields are 0 near the point: linear laws of the program in which the signs that are the same for all inputs are
  numbers *)
Definition gates_above (sm : Checks.model) (th : Checks.qvec) (frozen : list N) (laws : list law) (d : minor) : option nat :=
  let gm := gated_model (Ranges.fixed_signs th (PM.empty _) 1 (Checks.m_prog sm) no_gates) sm in
  let n := length frozen in
  if N.eqb (length_n (m_rows d)) (length_n (m_columns d)) && Gated.no_acts gm then
    Orbits.upper_of gm [] th (Orbits.ULaws (Z.of_N (m_modulus d)) [] (map (fun p => pvar (N.succ_pos p)) frozen ++ map law_poly laws)
      (seq 0 n ++ map (fun k => (n + k)%nat) (nats (m_rows d))) (map N.succ_pos frozen ++ map N.succ_pos (m_columns d)) (Z.of_N (m_determinant d)))
  else None.
Definition germs_above (m : model) (sm : Checks.model) (th : Checks.qvec) (u : upper) : option nat :=
  match u with
  | UpperFull => Some (Pos.to_nat (Checks.m_nparams sm))
  | UpperLaws how laws d None => if hints_match m how laws then laws_above (gated_model no_gates sm) th laws d else None
  | UpperGates frozen how laws d => if hints_match m how laws then gates_above sm th frozen laws d else None
  | _ => None
  end.
Definition above_known (u : upper) : bool := match u with UpperFull | UpperLaws _ _ _ None | UpperGates _ _ _ _ => true | _ => false end.

(** ** The claims; [None]: unsupported *)
Definition check_germs (m : model) (assumptions : list (text * assumption)) (p : point) (low up : N) (l : lower) (members : list (text * list Q)) (u : upper)
  : option bool :=
  match germ_setup m assumptions members with
  | Some (sm, outs, am) =>
    if above_known u then
      let th := scalar_point m p in
      Some match germs_below m sm am outs th l, germs_above m sm th u with
           | Some (_, a), Some b => Nat.eqb a (N.to_nat low) && Nat.eqb b (N.to_nat up)
           | _, _ => false
           end
    else None
  | None => None
  end.
Definition check_germ_laws (m : model) (assumptions : list (text * assumption)) (generic : Z) (laws : list law) (rank : N)
    (how : law_proof) (d : minor) (l : lower) (members : list (text * list Q)) (p : point) : option bool :=
  match germ_setup m assumptions members with
  | Some (sm, outs, am) =>
    let th := scalar_point m p in
    let gm := gated_model no_gates sm in
    let hs := Orbits.pick (map law_poly laws) (nats (m_rows d)) in
    Some (hints_match m how laws && N.eqb (length_n (m_columns d)) rank && N.eqb (length_n (m_rows d)) rank
      && forallb (Upper.check_law_on sm []) (map law_poly laws) && forallb (Upper.check_law_on gm []) (map law_poly laws)
      && Orbits.picks_ok (map law_poly laws) (nats (m_rows d))
      && match Upper.upper_det gm [] hs th (Z.of_N (m_modulus d)) (map N.succ_pos (m_columns d)) with Some e => Z.eqb e (Z.of_N (m_determinant d)) | None =>
        false end
      && (Z.ltb generic 0 ||
          match germs_below m sm am outs th l with
          | Some (_, a) => Nat.leb (Z.to_nat generic) a && N.eqb (Z.to_N generic + rank) (dimension m)
          | None => false end))
  | None => None
  end.

(** ** Soundness *)
Local Open Scope R_scope.
Lemma piecewise_derive p q g z : (forall t, g t = piecewise p q t) -> z <> 0 -> ex_derive g z.
Proof.
  intros H Hz. apply (ex_derive_ext (fun z => Q2R (half (qadd p q)) * z + Q2R (half (qadd q (qopp p))) * (z * Signs.sgn z))).
  - intros t. rewrite H. symmetry. apply piecewise_signed.
  - assert (D : ex_derive Signs.sgn z) by (exists 0; now apply is_derive_sgn). auto_derive. auto.
Qed.
Lemma zero_admissible gm : Checks.m_par gm = [] -> Checks.acts_adm gm Gated.zero_acts.
Proof.
  intros H. split; [apply Gated.zero_derivable|]. intros k. unfold Slp.known_at, Checks.par_of. rewrite H. cbn. split; [|discriminate].
  repeat split; discriminate.
Qed.

Lemma germ_dimension_exists m sg u a b : germ_ge m sg u a -> germ_le m sg u b -> exists d, germ_dimension m sg u d /\ (a <= d <= b)%nat.
Proof.
  intros Ge Le. assert (AB : (a <= b)%nat) by (destruct Ge as (Vs & <- & H1 & H2); now apply Le).
  assert (G : forall n, germ_le m sg u (a + n) -> exists d, germ_dimension m sg u d /\ (a <= d <= a + n)%nat).
  { induction n as [|n IH]; intros L.
    - exists a. rewrite Nat.add_0_r in L. split; [split; assumption|lia].
    - destruct (Classical_Prop.classic (germ_ge m sg u (a + S n))) as [Y|N]; [exists (a + S n)%nat; split; [split; assumption|lia]|].
      destruct IH as (d & D & B).
      + intros Vs HV HI. specialize (L Vs HV HI). destruct (Nat.eq_dec (length Vs) (a + S n)) as [E|E]; [|lia]. exfalso. apply N. exists Vs. auto.
      + exists d. split; [exact D|lia]. }
  specialize (G (b - a)%nat). replace (a + (b - a))%nat with b in G by lia. exact (G Le).
Qed.

Section Sound.
Variables (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)) (sm am : Checks.model) (outs : list (list positive)).
Hypothesis Hset : germ_setup m assumptions members = Some (sm, outs, am).
Lemma setup_facts : (0 < dimension m)%N /\ has_piecewise m = true /\ members_ok m members = true /\ member_assumptions m assumptions = true /\
  pieces_ok m assumptions = true /\
  scalar_model true m assumptions = Some (sm, outs) /\ (exists outs', scalar_model true (argument_model m) assumptions = Some (am, outs')) /\
  all_signs sm = true /\ all_signs am = true /\ Gated.no_acts (gated_model no_gates sm) = true /\ Gated.no_acts (gated_model no_gates am) = true.
Proof.
  unfold germ_setup in Hset. destruct (N.ltb 0 (dimension m) && has_piecewise m && members_ok m members && member_assumptions m assumptions &&
    pieces_ok m assumptions) eqn:E; [|easy].
  apply andb_prop in E as [[[[E1%N.ltb_lt E2]%andb_prop E3]%andb_prop E4]%andb_prop E5].
  destruct (scalar_model true m assumptions) as [[sm' outs']|]; [|easy]. destruct (scalar_model true (argument_model m) assumptions) as [[am' o']|]; [|easy].
  destruct (all_signs sm' && all_signs am' && Gated.no_acts (gated_model no_gates sm') && Gated.no_acts (gated_model no_gates am')) eqn:F; [|easy].
  injection Hset as X1 X2 X3. subst sm' outs' am'. apply andb_prop in F as [[[F1 F2]%andb_prop F3]%andb_prop F4]. repeat split; auto. now exists o'.
Qed.
Let Hdim := proj1 setup_facts.
Lemma Hs : scalar_model true m assumptions = Some (sm, outs). Proof. apply setup_facts. Qed.
Lemma Hsigns : all_signs sm = true. Proof. apply setup_facts. Qed.
Lemma Hgated : Gated.no_acts (gated_model no_gates sm) = true. Proof. apply setup_facts. Qed.

Section Sigma.
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Lemma activation_derive f d z : find f (m_activations m) = Some d -> (forall p q, d = Piecewise p q -> z <> 0) -> ex_derive (sigma f) z.
Proof.
  intros Hf Hz. apply find_in in Hf. assert (H := setup_facts). destruct H as (_ & _ & _ & _ & H & _). apply andb_prop in H as [H _].
  rewrite forallb_forall in H. specialize (H _ Hf).
  specialize (Ha f d Hf). cbn [fst snd] in H. destruct (find f assumptions) as [[|]|]; try easy. destruct Ha as (g & Hg & E).
  destruct d as [c|c|p q|n]; try easy.
  - injection Hg as <-. apply (ex_derive_ext (polynomial c)); [intros; symmetry; apply E|apply polynomial_derive].
  - injection Hg as <-. apply (piecewise_derive p q); [exact E|]. now apply (Hz p q).
Qed.
Lemma regular_intro u x : (forall k i, output_entry (argument_model m) k i -> F (argument_model m) sigma x k i u <> 0) -> regular m sigma u x.
Proof.
  intros H k sh a f o i Hn Hi. assert (K := setup_facts). destruct K as (_ & _ & _ & _ & K & _). apply andb_prop in K as [_ K]. rewrite forallb_forall in K.
  assert (In_n := nth_error_In _ _ Hn). specialize (K _ In_n). cbv beta iota in K. destruct (find f (m_activations m)) as [d|] eqn:E; [|easy].
  apply N.leb_le in K.
  apply (activation_derive f d _ E). intros p q ->.
  assert (I : In a (arguments m)) by (unfold arguments; apply in_flat_map; exists (NApply sh a f o); split; [exact In_n|rewrite E; now left]).
  apply In_nth_error in I as (j & Hj). specialize (H (N.of_nat j) i). unfold F, at_ in H. cbn [m_outputs argument_model] in H. rewrite Nat2N.id in H.
  rewrite (nth_error_nth _ _ _ Hj) in H. apply H. exists a. rewrite Nat2N.id. split; [exact Hj|]. change (shape_at (argument_model m) a) with (shape_at m a).
  lia.
Qed.
Lemma regular_at_ok th x : regular_at am th x = true ->
  regular m sigma (Checks.qv th) (Checks.qv x) /\ Near.near (Checks.qv th) (fun u => regular m sigma u (Checks.qv x)).
Proof.
  intros H. unfold regular_at in H. cbv zeta in H. rewrite forallb_forall in H.
  assert (K := setup_facts). destruct K as (_ & _ & _ & _ & _ & _ & (outs' & HA) & _ & SA & _ & GA).
  assert (HaA : admissible (argument_model m) assumptions sigma) by exact Ha.
  assert (NZ : forall o, In o (Checks.m_outs am) -> evalE (scalar_s m assumptions sigma) (Checks.qv th) (Checks.qv x) (Checks.out am o) <> 0).
  { intros o Ho. destruct (run_at_ok (argument_model m) assumptions am outs' HA sigma HaA th x o) as (r & E).
    - apply Checks.wf_out; [exact (scalar_wf (argument_model m) assumptions am outs' true HA)|exact Ho].
    - unfold Checks.out. change (scalar_s m assumptions sigma) with (scalar_s (argument_model m) assumptions sigma). rewrite <- E.
      now apply Checks.pconst_nz_ok, H. }
  assert (Intro : forall u, (forall o, In o (Checks.m_outs am) -> evalE (scalar_s m assumptions sigma) u (Checks.qv x) (Checks.out am o) <> 0) ->
    regular m sigma u (Checks.qv x)).
  { intros u K. apply regular_intro. intros k i O. destruct (output_scalar (argument_model m) assumptions am outs' true HA k i O) as (o & _ & Ho & So).
    rewrite (proj1 (So sigma HaA (Checks.qv x))). now apply K. }
  assert (R0 : regular m sigma (Checks.qv th) (Checks.qv x)) by now apply Intro. split; [exact R0|].
  eapply filter_imp; [exact Intro|]. apply Gated.near_all. intros o Ho.
  destruct (scalar_entry (argument_model m) assumptions am outs' true HA Hdim o Ho) as (k & i & O & So).
  destruct (gated_near (argument_model m) assumptions am outs' HA Hdim SA sigma HaA no_gates GA (Checks.qv th)) with (x := Checks.qv x) (k := k) (i := i) (o
    := o) as [A B].
  - intros x' n q k' e E. unfold no_gates in E. rewrite PM.gempty in E. discriminate E.
  - exact So.
  - exact Ho.
  - exact R0.
  - assert (C := Gated.cont_eval Gated.zero_acts (with_gates (argument_model m) assumptions am sigma (Checks.qv th) (Checks.qv x)) (Checks.qv th) _ A).
    assert (Z := Gated.near_self _ _ B). cbv beta in Z. apply Near.cont_neq in C; [|rewrite <- Z, (proj1 (So sigma HaA (Checks.qv x))); now apply NZ].
    generalize (filter_and _ _ B C). apply filter_imp. intros u [E N]. rewrite <- E in N. now rewrite (proj1 (So sigma HaA (Checks.qv x))) in N.
Qed.
Lemma all_some_in {A B} (f : A -> option B) : forall l r, all_some f l = Some r -> forall b, In b r -> exists a, In a l /\ f a = Some b.
Proof.
  induction l as [|a l IH]; cbn [all_some]; intros r H b Hb; [now injection H as <-|]. destruct (f a) as [b'|] eqn:E; [|easy].
  destruct (all_some f l) as [r'|]; [|easy].
  injection H as <-. destruct Hb as [<-|Hb]; [exists a; split; [now left|exact E]|]. destruct (IH r' eq_refl b Hb) as (a' & H1 & H2). exists a'.
  split; [now right|exact H2].
Qed.
Lemma germs_below_near th l ts r : germs_below m sm am outs th l = Some (ts, r) -> Near.near (Checks.qv th) (fun u => germ_ge m sigma u r).
Proof.
  unfold germs_below. destruct (scalar_lower m outs l) as [l'|]; [|easy]. destruct (all_some _ _) as [ts'|] eqn:Et; [|easy]. cbv zeta.
  destruct (Gated.no_acts (copies_model sm ts')) eqn:Hno; [|easy]. destruct (Orbits.lower_of _ _ _ _) as [r'|] eqn:El; [|easy]. intros [= -> ->].
  assert (K : forall t x, In (t, x) ts -> gates_at sm th x = Some t /\ regular_at am th x = true).
  { intros t x Hin. destruct (all_some_in _ _ _ Et _ Hin) as (G & _ & E). unfold gates_of in E.
    destruct (regular_at am th (Derivatives.qf_x G)) eqn:R1; [|easy].
    destruct (gates_at sm th (Derivatives.qf_x G)) eqn:R2; [|easy]. injection E as <- <-. auto. }
  assert (A := Orbits.lower_of_sound _ _ _ _ _ El Gated.zero_acts Gated.zero_derivable Gated.zero_members).
  assert (N := Hno). apply andb_prop in N as [N1 N2].
  assert (B := Near.lie_ge_near _ _ [] Gated.zero_derivable Gated.zero_members N1 N2 _ _ A).
  assert (C := outputs_near_near m assumptions sm outs Hs Hdim Hsigns sigma Ha ts th Hno (fun t x H => proj1 (K t x H))
    (fun t x H => proj1 (regular_at_ok th x (proj2 (K t x H)))) (fun t x H => proj2 (regular_at_ok th x (proj2 (K t x H))))).
  generalize (filter_and _ _ B C). apply filter_imp. intros u [H1 H2]. now apply (germ_ge_copies m assumptions sm outs Hs Hdim sigma ts u r H2).
Qed.
Lemma gated_le u r : Dimension.lie_le (gated_model no_gates sm) Gated.zero_acts u r -> germ_le m sigma u r.
Proof.
  apply (germ_le_gated m assumptions sm outs Hs Hdim Hsigns sigma Ha no_gates Hgated u). intros x n q k e E. unfold no_gates in E. rewrite PM.gempty in E.
  discriminate E.
Qed.
Lemma germs_above_ok th u r : germs_above m sm th u = Some r -> germ_le m sigma (Checks.qv th) r.
Proof.
  intros H. destruct u as [|how laws d [w|]|f p|frozen how laws d]; cbn [germs_above] in H; try easy; try (destruct (hints_match m how laws); [|easy]);
    [apply gated_le|apply gated_le|].
  - injection H as <-. exact (Dimension.lie_le_full (gated_model no_gates sm) Gated.zero_acts (Checks.qv th)).
  - unfold laws_above in H. destruct (N.eqb _ _); [|easy]. apply (Orbits.upper_of_sound _ _ _ _ _ H); [now apply zero_admissible|discriminate].
  - unfold gates_above in H. cbv zeta in H. set (G := Ranges.fixed_signs _ _ _ _ _) in H. destruct (N.eqb _ _ && Gated.no_acts (gated_model G sm)) eqn:E;
      [|easy].
    apply andb_prop in E as [_ E]. apply (germ_le_gated m assumptions sm outs Hs Hdim Hsigns sigma Ha G E).
    + intros x n q k e HG Hn He Sm.
      destruct (sign_node _ n k e (Checks.wf1 sm (scalar_wf m assumptions sm outs true Hs)) Hn He) as (a & _ & Hin & _).
      assert (Sg := step_sgn m assumptions sm outs Hs Hsigns sigma Ha).
      apply (Ranges.fixed_signs_ok (scalar_s m assumptions sigma) (Checks.m_prog sm) th x (Checks.wf1 sm (scalar_wf m assumptions sm outs true Hs)) Sg n q k
        e HG He).
      rewrite He in Sm. destruct Sm as [_ Sm]. eapply Gated.sgn_smooth. eapply is_derive_ext; [|exact Sm]. exact (Sg k a Hin).
    + apply (Orbits.upper_of_sound _ _ _ _ _ H); [now apply zero_admissible|discriminate].
Qed.
End Sigma.

Let sigma := member_sigma m members.
Lemma members_facts : polynomial_members m sigma /\ differentiable_apart m sigma /\ admissible m assumptions sigma.
Proof.
  assert (K := setup_facts). destruct K as (_ & _ & H1 & H2 & H3 & _).
  assert (PM : polynomial_members m sigma).
  { apply members_polynomial; [exact H1|]. intros f d Hin. apply andb_prop in H3 as [H3 _]. rewrite forallb_forall in H3. specialize (H3 _ Hin).
    cbn [fst snd] in H3.
    destruct d as [c|c|p q|n]; try easy; cbn [function_of]; eauto. now destruct (find f assumptions) as [[|]|]. }
  assert (Ad : admissible m assumptions sigma) by now apply members_admissible. split; [exact PM|]. split; [|exact Ad].
  intros f d Hin Hd t. specialize (PM f d Hin). apply andb_prop in H3 as [H3 _]. rewrite forallb_forall in H3. specialize (H3 _ Hin). cbn [fst snd] in H3.
  destruct d as [c|c|p q|n]; try easy; try (now destruct (find f assumptions) as [[|]|]). destruct PM as (g & [= <-] & E).
  apply (ex_derive_ext (polynomial c)); [intros; symmetry; apply E|apply polynomial_derive].
Qed.
End Sound.

Theorem check_germs_sound m assumptions p low up l members u : check_germs m assumptions p low up l members u = Some true ->
  claim_holds m assumptions (OrbitDimension p low up).
Proof.
  unfold check_germs. destruct (germ_setup m assumptions members) as [[[sm outs] am]|] eqn:Hset; [|discriminate]. destruct (above_known u); [|discriminate].
  cbv zeta. intros [= H].
  destruct (germs_below _ _ _ _ _ _) as [[ts a]|] eqn:El; [|easy]. destruct (germs_above _ _ _ _) as [b|] eqn:Eu; [|easy].
  apply andb_prop in H as [->%Nat.eqb_eq ->%Nat.eqb_eq].
  assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok.
  destruct (setup_facts _ _ _ _ _ _ Hset) as (_ & HP & _). destruct (members_facts _ _ _ _ _ _ Hset) as (M1 & M2 & M3).
  cbn [claim_holds]. rewrite HP. rewrite <- Eth. split.
  - exists (member_sigma m members). split; [exact M1|]. split; [exact M2|]. apply germ_dimension_exists.
    + exact (Gated.near_self _ _ (germs_below_near _ _ _ _ _ _ Hset _ M3 _ _ _ _ El)).
    + exact (germs_above_ok _ _ _ _ _ _ Hset _ M3 _ _ _ Eu).
  - intros sg Hsg _ d [(Vs & <- & H1 & H2) _]. exact (germs_above_ok _ _ _ _ _ _ Hset _ Hsg _ _ _ Eu Vs H1 H2).
Qed.

Lemma laws_near gm laws th p cols d : Upper.upper_det gm [] laws th p cols = Some d -> (forall h, In h laws -> Upper.conserved_on gm Gated.zero_acts [] h) ->
  Near.near (Checks.qv th) (fun u => Dimension.lie_le gm Gated.zero_acts u (Pos.to_nat (Checks.m_nparams gm) - length laws)).
Proof.
  intros Ed HC. assert (HI := Orbits.laws_lindep gm laws th p cols d Ed).
  assert (N : Near.near (Checks.qv th) (fun u => Dimension.Rlindep (Lie.plist (Checks.m_nparams gm)) (map (fun f : vec ->
    vec => f u) (map (fun h u => Lie.dh h u) laws)))).
  { apply Near.lindep_near; [|now rewrite map_map]. intros f i Hf _. apply in_map_iff in Hf as (h & <- & _).
    destruct (Orbits.poly_polynomial (Lie.pderiv i h)) as (q & Hq). apply (Near.cont_ext (Checks.qv th) (fun u => Words.rev u q)); [|apply Near.cont_rev].
    intros u. now rewrite <- Hq, Lie.dh_ok. }
  revert N. apply filter_imp. intros u N. rewrite map_map in N.
  replace (length laws) with (length (map (fun h => Lie.dh h u) laws)) by apply map_length. apply Upper.normals_le; [exact N|].
  intros V n HV Hn. apply in_map_iff in Hn as (h & <- & Hh).
  apply (Upper.law_lie gm Gated.zero_acts [] (fun c (Hc : In c []) => match Hc with end) (fun u' _ x o c _ Hc => match Hc with end) h); auto.
  intros c [].
Qed.
Theorem check_germ_laws_sound m assumptions generic laws rank how d l members p :
  check_germ_laws m assumptions generic laws rank how d l members p = Some true -> claim_holds m assumptions (ConservationLaws generic laws rank).
Proof.
  unfold check_germ_laws. destruct (germ_setup m assumptions members) as [[[sm outs] am]|] eqn:Hset; [|discriminate]. cbv zeta. intros [= H].
  apply andb_prop in H as [[[[[[[_ _]%andb_prop HR%N.eqb_eq]%andb_prop HL]%andb_prop HL']%andb_prop HP]%andb_prop HD]%andb_prop HG].
  destruct (setup_facts _ _ _ _ _ _ Hset) as (Hdim & HPw & _ & _ & _ & Hs & _). destruct (members_facts _ _ _ _ _ _ Hset) as (M1 & M2 & M3).
  set (gm := gated_model no_gates sm) in *. set (hs := Orbits.pick (map law_poly laws) (nats (m_rows d))) in *.
  destruct (Upper.upper_det gm [] hs _ _ _) as [e|] eqn:Ed; [|easy]. rewrite forallb_forall in HL, HL'.
  assert (Len : length hs = N.to_nat rank) by (unfold hs, Orbits.pick, nats; rewrite !map_length; rewrite <- HR, Equivariance.length_n_ok; lia).
  assert (Inc : incl hs (map law_poly laws)) by (intros h Hh; now apply (Orbits.pick_in _ _ _ HP)).
  assert (HI := Orbits.laws_lindep gm hs _ _ _ e Ed).
  cbn [claim_holds]. rewrite HPw. split; [|split].
  - intros sigma Ha h Hh. apply (law_conserved m assumptions sm outs true Hs Hdim); [|exact Ha]. apply HL. now apply in_map.
  - destruct (incl_map law_poly laws hs Inc) as (ls & E & I). rewrite E in Len, HI. rewrite map_length in Len.
    exists (Checks.qv (scalar_point m p)), ls. split; [exact Len|]. split; [exact I|].
    unfold gradients_independent. apply (independent_same m assumptions sm outs true Hs Hdim). rewrite map_map in HI.
    assert (E' : map (fun h j => partial (law_value h) j (Checks.qv (scalar_point m p))) ls = map (fun h => Lie.dh (law_poly h) (Checks.qv (scalar_point m
      p))) ls); [|rewrite E'; exact HI].
    apply map_ext. intros h. apply functional_extensionality. intros j. apply law_partial.
  - intros Hg. assert (Z.ltb generic 0 = false) as Eg by (apply Z.ltb_ge; lia). rewrite Eg in HG. cbn [orb] in HG.
    destruct (germs_below _ _ _ _ _ _) as [[ts a]|] eqn:El; [|easy]. apply andb_prop in HG as [G1%Nat.leb_le G2%N.eqb_eq]. split; [exact G2|].
    exists (member_sigma m members). split; [exact M1|]. split; [exact M2|]. exists (Checks.qv (scalar_point m p)).
    assert (A := germs_below_near _ _ _ _ _ _ Hset _ M3 _ _ _ _ El).
    assert (B := laws_near gm hs _ _ _ e Ed (fun h Hh => Upper.check_law_on_sound gm [] h (HL' h (Inc h Hh)) _ (zero_admissible gm eq_refl))).
    generalize (filter_and _ _ A B). apply filter_imp. intros u [Ge Le]. apply (gated_le _ _ _ _ _ _ Hset _ M3) in Le.
    assert (Eq : (Pos.to_nat (Checks.m_nparams gm) - length hs)%nat = Z.to_nat generic).
    { destruct (nparams_ok m assumptions sm outs true Hs Hdim) as [_ E]. cbn [gm gated_model Checks.m_nparams]. rewrite E, Len. lia. }
    rewrite Eq in Le. split; [|exact Le]. destruct Ge as (Vs & L & H1 & H2). assert (La : (a <= Z.to_nat generic)%nat) by (rewrite <- L; now apply Le).
    exists Vs. split; [lia|]. auto.
Qed.
