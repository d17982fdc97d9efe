(** * Claims of kind hull *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Slp Checks Lie Words Dimension Upper ModP Gradient Orbits Least.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Refute Equivariance Symmetric Parities Samples Kinks Symmetries
  Bounds Ranks Closures.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** The subspace: its rows are independent, and the point satisfies them *)
(** a column where one row has a coefficient and the later rows have none *)
Fixpoint reduced_rows (M : N) (rows : list row) : bool :=
  match rows with
  | [] => true
  | r :: rest =>
    match r_entries r with
    | (p, q) :: tl => negb (qzero q) && forallb (fun e => N.ltb (fst e) M) (r_entries r) && forallb (fun e => negb (N.eqb (fst e) p)) tl
      && forallb (fun r' => forallb (fun e => negb (N.eqb (fst e) p)) (r_entries r')) rest
    | [] => false
    end && reduced_rows M rest
  end.
Definition contains_point (m : model) (p : point) (L : subspace) : bool :=
  let th := scalar_point m p in
  forallb (fun r => qzero (qadd (Checks.qdot (scalar_row r) th) (qopp (r_constant r)))) (s_rows L).

(** ** Independent directions, as many as the dimension *)
Definition scalar_step (m : model) (outs : list (list positive)) (st : vfield * list Q) : option Least.qstep :=
  match scalar_field m outs (fst st) with Some F => Some (F, snd st) | None => None end.
Definition check_directions (m : model) (sm : Checks.model) (outs : list (list positive)) (mem : Gradient.member) (th : Checks.qvec)
    (least : minimal) (modulus : option N) (d : nat) : option bool :=
  match least, modulus with
  | MinimalChain steps, Some p =>
    match all_some (scalar_step m outs) steps with
    | Some steps => Some (Nat.eqb d 0 || Least.check_chain sm mem (Z.of_N p) th steps d)
    | None => Some false
    end
  | MinimalFlows [] _, Some _ => Some (Nat.eqb d 0)
  | MinimalOrbit l, None => Some (match bound_below m sm outs mem th l with Some r => Nat.leb d r | None => false end)
  | _, _ => None
  end.
(** [None]: unsupported; so is what is not shown of functions that are opaque here *)
Definition check_hull (m : model) (assumptions : list (text * assumption)) (p : point) (L : subspace)
    (weaker : list (text * assumption)) (how : invariance) (members : list (text * list Q)) (least : minimal) (modulus : option N) : option bool :=
  if negb (all_smooth m && applied_known m && follows m assumptions weaker && N.ltb 0 (dimension m)) then None
  else if negb (member_setup m assumptions members && reduced_rows (dimension m) (s_rows L) && contains_point m p L) then Some false
  else match check_invariance m weaker L how, scalar_model true m assumptions with
  | Some true, Some (sm, outs) =>
    match check_directions m sm outs (scalar_members m members) (scalar_point m p) least modulus (Pos.to_nat (Checks.m_nparams sm) - length (s_rows L)) with
    | Some b => if b || all_polynomial m then Some b else None
    | None => None
    end
  | Some true, None => None
  | o, _ => o
  end.

(** ** Soundness *)
Local Open Scope R_scope.
Section Same.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)).
Hypothesis Hs : scalar_model true m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Hypothesis Hd : differentiable m sigma.
Hypothesis Hk : applied_known m = true.
Let s := scalar_s m assumptions sigma.
Let M := Checks.m_nparams sm.

Definition real_form (r : (N -> R) * R) : Least.rrow := (fun i => fst r (Pos.pred_N i), snd r).
Lemma real_form_ok r u : Lie.pdot M (fst (real_form r)) u = real_row m (fst r) u.
Proof.
  unfold real_row, Lie.pdot. symmetry. apply (sum_ok m assumptions sm outs true Hs Hdim). intros p _. cbn [real_form fst]. now rewrite N.pos_pred_succ.
Qed.
Lemma real_forms_on rows u : Least.on_real M (map real_form rows) u <-> on_rows m rows u.
Proof.
  split.
  - intros H r Hr. rewrite <- real_form_ok. exact (H (real_form r) (in_map _ _ _ Hr)).
  - intros H c Hc. apply in_map_iff in Hc as (r & <- & Hr). rewrite real_form_ok. now apply H.
Qed.
Lemma real_forms_invariant rows : invariant_rows m rows sigma -> Least.real_invariant sm s (map real_form rows).
Proof.
  intros H u Hu x o c Ho Hc. apply in_map_iff in Hc as (r & <- & Hr). apply real_forms_on in Hu.
  destruct (scalar_entry m assumptions sm outs true Hs Hdim o Ho) as (k & i & O & So).
  assert (E := H u Hu x (all_regular m sigma Hd u x Hk) k i O r Hr). rewrite <- E, <- real_form_ok.
  apply Least.pdot_ext. intros j _. symmetry. exact (generator_same m assumptions sm sigma Ha x k i o So u j).
Qed.

Definition affine (r : row) : Least.rrow := (Least.normal (scalar_row r), Q2R (r_constant r)).
Lemma reduced_le rows : reduced_rows (dimension m) rows = true -> forall r, In r rows -> Upper.row_le M (scalar_row r) = true.
Proof.
  induction rows as [|r rows IH]; cbn [reduced_rows]; intros H r' Hr; [easy|]. apply andb_prop in H as [H1 H2].
  destruct Hr as [<-|Hr]; [|now apply IH]. destruct (r_entries r) as [|[p q] tl] eqn:E; [easy|]. apply andb_prop in H1 as [[[_ H1]%andb_prop _]%andb_prop _].
  rewrite <- E in H1. rewrite forallb_forall in H1. unfold Upper.row_le, scalar_row. rewrite forallb_forall. intros t Ht.
  apply in_map_iff in Ht as (e & <- & He). cbn [fst]. apply H1, N.ltb_lt in He. apply Pos.leb_le. now apply (index_lt m assumptions sm outs true Hs Hdim).
Qed.
Lemma dot_absent l p : forallb (fun e => negb (N.eqb (fst e) p)) l = true -> dot (map (fun e : N * Q => (N.succ_pos (fst e),
  snd e)) l) (ebasis (N.succ_pos p)) = 0.
Proof.
  induction l as [|[k q] l IH]; cbn [map dot forallb fst snd]; intros H; [reflexivity|]. apply andb_prop in H as [H1 H2]. rewrite (IH H2).
  apply negb_true_iff, N.eqb_neq in H1. unfold ebasis. destruct (Pos.eqb_spec (N.succ_pos k) (N.succ_pos p)) as [E|_]; [apply succ_pos_inj in E;
    congruence|ring].
Qed.
Lemma reduced_independent rows : reduced_rows (dimension m) rows = true -> Dimension.Rlindep (Lie.plist M) (map fst (map affine rows)).
Proof.
  induction rows as [|r rows IH]; cbn [reduced_rows map]; intros H; [intros [|] Len _; [constructor|discriminate Len]|].
  assert (HL := reduced_le (r :: rows) H r (or_introl eq_refl)). apply andb_prop in H as [H1 H2].
  destruct (r_entries r) as [|[p q] tl] eqn:E; [easy|]. apply andb_prop in H1 as [[[Hq Hm]%andb_prop Ht]%andb_prop Hr].
  apply (lindep_pivot R 0 1 Rplus Rmult Rminus Ropp Dimension.R_ring Dimension.R_integral) with (c := N.succ_pos p).
  - apply Lie.plist_in. rewrite forallb_forall in Hm. apply (index_lt m assumptions sm outs true Hs Hdim), N.ltb_lt, (Hm (p, q)). now left.
  - cbn [affine fst]. unfold Least.normal, scalar_row. rewrite E. cbn [map dot fst snd]. rewrite (dot_absent tl p Ht).
    unfold ebasis. rewrite Pos.eqb_refl. apply negb_true_iff, qzero_false in Hq. lra.
  - intros w Hw. apply in_map_iff in Hw as (c & <- & Hc). apply in_map_iff in Hc as (r' & <- & Hr'). cbn [affine fst]. unfold Least.normal, scalar_row.
    rewrite forallb_forall in Hr. now apply dot_absent, Hr.
  - exact (IH H2).
Qed.
Section Subspace.
Variable L : subspace.
Hypothesis HR : reduced_rows (dimension m) (s_rows L) = true.
Lemma affine_on u : Least.on_real M (map affine (s_rows L)) u <-> in_subspace L u.
Proof.
  split.
  - intros H r Hr. specialize (H (affine r) (in_map _ _ _ Hr)). cbn [affine fst snd] in H.
    rewrite Least.normal_ok, dot_scalar_row in H by now apply (reduced_le (s_rows L)). exact H.
  - intros H c Hc. apply in_map_iff in Hc as (r & <- & Hr). cbn [affine fst snd].
    rewrite Least.normal_ok, dot_scalar_row by now apply (reduced_le (s_rows L)). exact (H r Hr).
Qed.
Lemma affine_invariant : invariant_for m L sigma -> Least.real_invariant sm s (map affine (s_rows L)).
Proof.
  intros H u Hu x o c Ho Hc. apply affine_on in Hu. apply in_map_iff in Hc as (r & <- & Hr). cbn [affine fst].
    rewrite Least.normal_ok by now apply (reduced_le (s_rows L)).
  assert (T := within_tangent m assumptions sm outs Hs Hdim sigma Ha Hd L Hk H). apply (T u) with (c := affine_row r); [|exact Ho|now apply in_map].
  intros c Hc. apply in_map_iff in Hc as (r' & <- & Hr'). cbn [affine_row Upper.a_row Upper.a_const]. rewrite dot_scalar_row. exact (Hu r' Hr').
Qed.
Theorem directions_hull p : invariant_for m L sigma -> in_subspace L (point_vector m p) ->
  Least.directions sm s (point_vector m p) (Pos.to_nat M - length (s_rows L)) -> least_for m p L sigma.
Proof.
  intros HI Hp D rows Hr Hrp theta Hth. apply real_forms_on.
  apply (Least.directions_least sm s (point_vector m p) (map affine (s_rows L))).
  - now apply reduced_independent.
  - now apply affine_invariant.
  - now apply affine_on.
  - rewrite map_length. exact D.
  - now apply real_forms_invariant.
  - now apply real_forms_on.
  - now apply affine_on.
Qed.
End Subspace.
End Same.

Lemma check_directions_sound m assumptions members sm outs p least modulus d : member_setup m assumptions members = true ->
  scalar_model true m assumptions = Some (sm, outs) ->
  check_directions m sm outs (scalar_members m members) (scalar_point m p) least modulus d = Some true ->
  Least.directions sm (scalar_s m assumptions (member_sigma m members)) (point_vector m p) d.
Proof.
  intros HM Hs. destruct (setup_ok m assumptions members HM) as (Hdim & _ & Hd & Ha & Hp).
  assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok. rewrite <- Eth.
  assert (Der := scalar_derivable m assumptions _ Ha Hd).
  assert (Zero : d = 0%nat -> Least.directions sm (scalar_s m assumptions (member_sigma m members)) (Checks.qv (scalar_point m p)) d).
  { intros ->. apply Least.lie_directions, Dimension.lie_ge_0. }
  unfold check_directions. destruct least as [steps|[|c cs] fields|l], modulus as [q|]; try discriminate.
  - destruct (all_some (scalar_step m outs) steps) as [qs|]; [|discriminate]. intros [= H]. apply orb_prop in H as [H|H]; [apply Nat.eqb_eq in H;
    now apply Zero|].
    exact (Least.check_chain_sound sm _ _ _ qs d H _ Der Hp).
  - intros [= H]. apply Nat.eqb_eq in H. now apply Zero.
  - destruct (bound_below m sm outs _ _ l) as [r|] eqn:E; [|discriminate]. intros [= H]. apply Nat.leb_le in H.
    apply Least.lie_directions. apply (Dimension.lie_ge_down _ _ _ r); [|exact H]. exact (bound_below_sound m assumptions members HM sm outs _ l r Hs E).
Qed.

Theorem check_hull_sound m assumptions p L weaker how members least modulus : check_hull m assumptions p L weaker how members least modulus = Some true ->
  claim_holds m assumptions (Hull p L).
Proof.
  unfold check_hull. destruct (all_smooth m && applied_known m && follows m assumptions weaker && N.ltb 0 (dimension m)) eqn:E1; [|discriminate]. cbn [negb].
  apply andb_prop in E1 as [[[_ Hk]%andb_prop Hf]%andb_prop Hdim]. apply N.ltb_lt in Hdim.
  destruct (member_setup m assumptions members && reduced_rows (dimension m) (s_rows L) && contains_point m p L) eqn:E2; [|discriminate]. cbn [negb].
  apply andb_prop in E2 as [[HM HR]%andb_prop Hp].
  destruct (check_invariance m weaker L how) as [[|]|] eqn:EI; try discriminate.
  destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Hs; [|discriminate].
  destruct (check_directions _ _ _ _ _ _ _ _) as [b|] eqn:ED; [|discriminate]. destruct b; [|destruct (all_polynomial m); discriminate]. intros _.
  assert (Inv : forall sigma, admissible m assumptions sigma -> invariant_for m L sigma).
  { intros sigma Ha. apply (check_invariance_sound m weaker L how EI). now apply (follows_ok m assumptions). }
  assert (In_L : in_subspace L (point_vector m p)).
  { intros r Hr. unfold contains_point in Hp. rewrite forallb_forall in Hp. specialize (Hp r Hr). apply qzero_ok in Hp.
    rewrite qadd_ok, qopp_ok, Checks.qdot_ok in Hp. unfold scalar_point in Hp. rewrite numbered_ok, dot_scalar_row in Hp. unfold point_vector, row_of, entry.
      lra. }
  destruct (setup_ok m assumptions members HM) as (_ & P & Hd & Ha & _).
  cbn [claim_holds]. split; [exact In_L|]. split; [exact Inv|]. exists (member_sigma m members). split; [exact P|]. rewrite (no_piecewise _ _ _ HM). split; [exact Hd|].
  apply (directions_hull m assumptions sm outs Hs Hdim _ Ha Hd Hk L HR p (Inv _ Ha) In_L).
  exact (check_directions_sound m assumptions members sm outs p least modulus _ HM Hs ED).
Qed.
