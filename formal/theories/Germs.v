(** * Germs of gradient fields of models with piecewise functions

    [germ_lie]: a germ of the Lie algebra at a point is that of a field of Lie(V) of the program with free gates;
      so what bounds that one from above bounds the germs.
    [lie_germ]: fields of Lie(V) of the program of copies, one for each input, the inputs and the gates being numbers, are germs;
      so what bounds that one from below
    bounds the germs from below. [regular_near]: where no argument is 0, none is 0 near the point. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Signs Slp Checks Lie Dimension Near Gated.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper Assumed Invariance Bounds.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Nodes of a scalar program by their numbers *)
Fixpoint node_of (next : positive) (p : Slp.prog) (n : positive) : option Slp.node :=
  match p with [] => None | nd :: p' => if Pos.eqb n next then Some nd else node_of (Pos.succ next) p' n end.
Lemma node_of_some E p n : forall next, Slp.covers E next p -> Slp.wf_from next p = true -> (next <= n)%positive -> (n < Slp.advance next p)%positive ->
  exists nd, node_of next p n = Some nd /\ In nd p /\ E n = Slp.expr_of E nd /\ forall a, In a (Slp.refs nd) -> (a < n)%positive.
Proof.
  induction p as [|nd p IH]; intros next C W L A; cbn [Slp.covers Slp.wf_from node_of Slp.advance] in *; [lia|]. destruct C as [C1 C2].
  apply andb_prop in W as [W1 W2].
  destruct (Pos.eqb_spec n next) as [->|D].
  - exists nd. split; [reflexivity|]. split; [now left|]. split; [exact C1|]. now apply Slp.refs_lt.
  - destruct (IH (Pos.succ next) C2 W2 ltac:(lia) A) as (nd' & H1 & H2 & H3). exists nd'. split; [exact H1|]. split; [now right|exact H3].
Qed.
(** a node that is a sign comes from a sign *)
Lemma sign_node P n k e : Slp.wf_from 1 P = true -> (n < Slp.advance 1 P)%positive -> Slp.unroll P n = EAct k e ->
  exists a, node_of 1 P n = Some (Slp.NAct k a) /\ In (Slp.NAct k a) P /\ e = Slp.unroll P a /\ (a < n)%positive.
Proof.
  intros W Hn He. destruct (node_of_some _ P n 1 (Slp.covers_unroll P W) W ltac:(lia) Hn) as (nd & H1 & H2 & H3 & H4). rewrite He in H3.
  destruct nd as [q|i|j|l|a b|k' a]; try discriminate H3; [destruct l; discriminate H3|]. cbn in H3. injection H3 as -> ->. exists a. repeat split; auto.
  apply H4. now left.
Qed.
Definition all_signs (sm : Checks.model) : bool :=
  forallb (fun nd => match nd with Slp.NAct k _ => Slp.f_step (Checks.par_of sm k) | _ => true end) (Checks.m_prog sm).

(** ** The program with gates as inputs; some gates may be known *)
Definition free_input (j : positive) : Slp.node := Slp.NX (xO j).
Definition free_gate (known : PM.t Q) (n : positive) : Slp.node := match PM.find n known with Some q => Slp.NCst q | None => Slp.NX (xI n) end.
Definition gated_model (known : PM.t Q) (sm : Checks.model) : Checks.model :=
  {| Checks.m_nparams := Checks.m_nparams sm; Checks.m_ninputs := Pos.max (xO (Checks.m_ninputs sm)) (xI (Slp.advance 1 (Checks.m_prog sm)));
     Checks.m_prog := Gated.translated free_input (free_gate known) 1 1 (Checks.m_prog sm); Checks.m_outs := Checks.m_outs sm; Checks.m_par := [] |}.
(** ** One copy of the program for every input, with gates that are numbers *)
Definition fixed_input (x : Checks.qvec) (j : positive) : Slp.node := Slp.NCst (match Checks.assoc j x with Some q => q | None => 0%Q end).
Definition fixed_gate (t : PM.t Q) (n : positive) : Slp.node := Slp.NCst (match PM.find n t with Some q => q | None => 0%Q end).
Definition copy (P : Slp.prog) (tx : PM.t Q * Checks.qvec) (base : positive) : Slp.prog := Gated.translated (fixed_input (snd tx)) (fixed_gate (fst tx)) base
  1 P.
Fixpoint copies (P : Slp.prog) (l : list (PM.t Q * Checks.qvec)) (base : positive) : Slp.prog :=
  match l with [] => [] | tx :: l' => copy P tx base ++ copies P l' (Gated.sh base (Slp.advance 1 P)) end.
Fixpoint bases (P : Slp.prog) (l : list (PM.t Q * Checks.qvec)) (base : positive) : list positive :=
  match l with [] => [] | _ :: l' => base :: bases P l' (Gated.sh base (Slp.advance 1 P)) end.
Definition copies_model (sm : Checks.model) (l : list (PM.t Q * Checks.qvec)) : Checks.model :=
  {| Checks.m_nparams := Checks.m_nparams sm; Checks.m_ninputs := 1; Checks.m_prog := copies (Checks.m_prog sm) l 1;
     Checks.m_outs := flat_map (fun b => map (Gated.sh b) (Checks.m_outs sm)) (bases (Checks.m_prog sm) l 1); Checks.m_par := [] |}.
Lemma copies_cover E P : forall l base, Slp.covers E base (copies P l base) -> forall b, In b (bases P l base) ->
  exists tx, In tx l /\ Slp.covers E b (copy P tx b).
Proof.
  induction l as [|tx l IH]; intros base C b Hb; cbn [copies bases] in *; [easy|]. apply Gated.covers_app in C as [C1 C2].
  replace (Slp.advance base (copy P tx base)) with (Gated.sh base (Slp.advance 1 P)) in C2.
  - destruct Hb as [<-|Hb]; [exists tx; split; [now left|exact C1]|]. destruct (IH _ C2 b Hb) as (tx' & H1 & H2). exists tx'. split; [now right|exact H2].
  - unfold copy. rewrite <- (Gated.advance_translated (fixed_input (snd tx)) (fixed_gate (fst tx))). now rewrite Gated.sh_1.
Qed.

(** ** Signs at a rational point: the gates of an input *)
Definition sign_number (neg : bool) : Q := if neg then Qmake (-1) 1 else 1%Q.
Lemma sign_number_ok r p neg : Signs.constant_sign p = Some neg -> Signs.sgn (peval r p) = Q2R (sign_number neg).
Proof. intros H. apply (Signs.constant_sign_ok r) in H as [_ ->]. destruct neg; unfold Q2R; simpl; lra. Qed.
Fixpoint gates_from (V : PM.t poly) (next : positive) (p : Slp.prog) : option (PM.t Q) :=
  match p with
  | [] => Some (PM.empty _)
  | Slp.NAct _ a :: p' =>
    match Signs.constant_sign (Slp.getP V a), gates_from V (Pos.succ next) p' with
    | Some neg, Some t => Some (PM.add next (sign_number neg) t)
    | _, _ => None
    end
  | _ :: p' => gates_from V (Pos.succ next) p'
  end.
Lemma gates_from_ok V p n k a : forall next t, gates_from V next p = Some t -> node_of next p n = Some (Slp.NAct k a) ->
  exists neg, Signs.constant_sign (Slp.getP V a) = Some neg /\ PM.find n t = Some (sign_number neg).
Proof.
  induction p as [|nd p IH]; intros next t H Hn; cbn [node_of] in *; [easy|]. destruct (Pos.eqb_spec n next) as [->|D].
  - injection Hn as ->. cbn [gates_from] in H. destruct (Signs.constant_sign _) as [neg|]; [|easy]. destruct (gates_from _ _ _) as [t'|]; [|easy].
    injection H as <-.
    exists neg. now rewrite PM.gss.
  - destruct nd; cbn [gates_from] in H; try exact (IH _ _ H Hn).
    match type of H with match ?c with _ => _ end = _ => destruct c as [neg|]; [|easy] end.
    destruct (gates_from _ _ _) as [t'|] eqn:E; [|easy]. injection H as <-. destruct (IH _ _ E Hn) as (neg' & H1 & H2). exists neg'. split; [exact H1|].
    rewrite PM.gso by exact D. exact H2.
Qed.
Definition run_at (sm : Checks.model) (th x : Checks.qvec) : Slp.st := Checks.run1 sm {| Slp.lT := Checks.qleaf th; Slp.lX := Checks.qleaf x |}.
Definition gates_at (sm : Checks.model) (th x : Checks.qvec) : option (PM.t Q) := gates_from (Slp.vals (run_at sm th x)) 1 (Checks.m_prog sm).

Section Germs.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)).
Hypothesis Hs : scalar_model true m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Hypothesis Hsigns : all_signs sm = true.
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Let s := scalar_s m assumptions sigma.
Let P := Checks.m_prog sm.
Let W : Checks.wf_model sm = true := scalar_wf m assumptions sm outs true Hs.
Let W1 : Slp.wf_from 1 P = true := Checks.wf1 sm W.

Lemma parity : Slp.parity_ok s (Checks.par_of sm).
Proof. destruct (scalar_model_ok _ _ _ _ _ Hs) as (_ & -> & _). now apply scalar_par_ok. Qed.
Lemma step_sgn k a : In (Slp.NAct k a) P -> forall t, s k false t = Signs.sgn t.
Proof. intros H. unfold all_signs in Hsigns. rewrite forallb_forall in Hsigns. specialize (Hsigns _ H). cbv beta iota in Hsigns.
  exact (proj2 (parity k) Hsigns). Qed.
Lemma run_at_ok th x n : (n < Slp.advance 1 P)%positive ->
  exists r, peval r (Slp.getP (Slp.vals (run_at sm th x)) n) = evalE s (Checks.qv th) (Checks.qv x) (Slp.unroll P n).
Proof.
  intros Hn. set (L := {| Slp.lT := Checks.qleaf th; Slp.lX := Checks.qleaf x |}).
  assert (HL : Checks.leaves_den L (fun _ => 0) (fun _ => 0) (Checks.qv th) (Checks.qv x)) by (intros at_; split; intros i; apply Checks.qleaf_ok).
  destruct (Checks.run1_facts sm L s parity W _ _ _ _ HL) as [V _]. eexists. apply V. exact Hn.
Qed.
Lemma gates_at_ok th x t n k e : gates_at sm th x = Some t -> (n < Slp.advance 1 P)%positive -> Slp.unroll P n = EAct k e ->
  exists q, PM.find n t = Some q /\ Q2R q = Signs.sgn (evalE s (Checks.qv th) (Checks.qv x) e).
Proof.
  intros H Hn He. destruct (sign_node P n k e W1 Hn He) as (a & N1 & _ & -> & Ha'). destruct (gates_from_ok _ _ n k a _ _ H N1) as (neg & H1 & H2).
  exists (sign_number neg). split; [exact H2|]. destruct (run_at_ok th x a) as (r & <-); [lia|]. symmetry. now apply sign_number_ok.
Qed.

(** an output near a point where the model is differentiable *)
Lemma output_near u x k i o (X' : vec -> Prop) x0 inp gate base E' : scalar_output m assumptions sm k i o -> In o (Checks.m_outs sm) -> regular m sigma u x ->
  Slp.covers E' base (Gated.translated inp gate base 1 P) -> X' x0 ->
  (forall j, Lie.noact (Slp.expr_of E' (inp j)) /\ forall x', X' x' -> forall v, evalE Gated.zero_acts v x' (Slp.expr_of E' (inp j)) = x j) ->
  (forall n, Lie.noact (Slp.expr_of E' (gate n))) ->
  (forall n k' e, (n < Slp.advance 1 P)%positive -> Slp.unroll P n = EAct k' e -> smooth_at s u x (Slp.unroll P n) ->
    forall x', X' x' -> forall v, evalE Gated.zero_acts v x' (Slp.expr_of E' (gate n)) = Signs.sgn (evalE s u x e)) ->
  Lie.noact (E' (Gated.sh base o)) /\ Near.near u (fun v => forall x', X' x' -> F m sigma x k i v = evalE Gated.zero_acts v x' (E' (Gated.sh base o))).
Proof.
  intros So Ho Hr C HX Hi Hn Hg. destruct (So sigma Ha x) as [HF HS]. specialize (HS u Hr).
  destruct (Gated.translated_near s Gated.zero_acts P u x X' x0 inp gate base E' W1 C HX Hi Hn) with (n := o) as [A B].
  - intros n k' e L1 L2 L3. split; [|now apply (Hg n k' e)]. destruct (sign_node P n k' e W1 L1 L2) as (a & _ & I & _). now apply (step_sgn k' a).
  - now apply Checks.wf_out.
  - split; [exact A|]. generalize (B HS). apply filter_imp. intros v Hv x' Hx. rewrite HF. now apply Hv.
Qed.

(** ** From above *)
Section Above.
Variable known : PM.t Q.
Let gm := gated_model known sm.
Hypothesis Hno : Gated.no_acts gm = true.
Variable u0 : vec.
Hypothesis Hknown : forall x, forall n q k e, PM.find n known = Some q -> (n < Slp.advance 1 P)%positive -> Slp.unroll P n = EAct k e ->
  smooth_at s u0 x (Slp.unroll P n) ->
  Q2R q = Signs.sgn (evalE s u0 x e).
(** the inputs and the gates that belong to x *)
Definition with_gates (x : vec) : vec := fun j =>
  match j with xO j' => x j' | xI n => match Slp.unroll P n with EAct _ e => Signs.sgn (evalE s u0 x e) | _ => 0 end | xH => 0 end.
Lemma sh_one o : Gated.sh 1 o = o.
Proof. unfold Gated.sh. lia. Qed.
Lemma gated_near x k i o : scalar_output m assumptions sm k i o -> In o (Checks.m_outs sm) -> regular m sigma u0 x ->
  Lie.noact (Checks.out gm o) /\ Near.near u0 (fun v => F m sigma x k i v = evalE Gated.zero_acts v (with_gates x) (Checks.out gm o)).
Proof.
  intros So Ho Hr. assert (W' := Hno). apply andb_prop in W' as [W' _]. apply Checks.wf1 in W'.
  destruct (output_near u0 x k i o (eq (with_gates x)) (with_gates x) free_input (free_gate known) 1 (Slp.unroll (Checks.m_prog gm)) So Ho Hr) as [A B].
  - exact (Slp.covers_unroll _ W').
  - reflexivity.
  - intros j. split; [exact I|]. now intros x' <- v.
  - intros n. unfold free_gate. now destruct (PM.find n known).
  - intros n k' e Hn He Sm x' <- v. unfold free_gate. destruct (PM.find n known) as [q|] eqn:E.
    + cbn. now apply (Hknown x n q k' e).
    + cbn [Slp.expr_of evalE with_gates]. now rewrite He.
  - rewrite sh_one in *. split; [exact A|]. generalize B. apply filter_imp. intros v Hv. now apply Hv.
Qed.
Local Notation agree V V' := (Near.near u0 (fun u => forall p, (p < dimension m)%N -> entry (V u) p = entry (V' u) p)).
Lemma agree_partial V V' : agree V V' -> Near.near u0 (fun u => forall p j, (p < dimension m)%N ->
  partial (fun t => entry (V t) p) j u = partial (fun t => entry (V' t) p) j u).
Proof.
  intros H. apply Gated.near_near in H. revert H. apply filter_imp. intros u H p j Hp. apply Gated.near_partial. generalize H. apply filter_imp. auto.
Qed.
Lemma agree_bracket V V' U U' : agree V V' -> agree U U' -> agree (field_bracket m V U) (field_bracket m V' U').
Proof.
  intros H1 H2. assert (K1 := agree_partial _ _ H1). assert (K2 := agree_partial _ _ H2).
  generalize (filter_and _ _ (filter_and _ _ H1 H2) (filter_and _ _ K1 K2)). apply filter_imp. intros u [[A1 A2] [B1 B2]] p Hp.
  unfold entry at 1 2, field_bracket. apply rsum_ext. intros q Hq. apply in_upto in Hq. rewrite (A1 q Hq), (A2 q Hq). unfold partial_p.
  f_equal; f_equal; [apply (B2 p)|apply (B1 p)]; exact Hp.
Qed.
Theorem germ_lie V : germ_algebra m sigma u0 V -> exists V', Lie.lie gm Gated.zero_acts V' /\ agree V V'.
Proof.
  induction 1 as [x k i Hr O|a b V U _ (V' & L1 & A1) _ (U' & L2 & A2)|V U _ (V' & L1 & A1) _ (U' & L2 & A2) _ _|V U E _ (V' & L & A)].
  - destruct (output_scalar m assumptions sm outs true Hs k i O) as (o & _ & Ho & So). destruct (gated_near x k i o So Ho Hr) as [_ N].
    exists (fun u => grad Gated.zero_acts (Checks.out gm o) (with_gates x) u). split; [now constructor|]. apply Gated.near_near in N. revert N.
    apply filter_imp.
    intros u N p _. unfold entry, grad. now apply Gated.near_partial.
  - exists (fun u i => a * V' u i + b * U' u i). split; [now constructor|]. generalize (filter_and _ _ A1 A2). apply filter_imp. intros u [H1 H2] p Hp.
    unfold entry in *. now rewrite (H1 p Hp), (H2 p Hp).
  - exists (Lie.bracket gm V' U'). split; [constructor; auto; now apply Gated.lie_smooth|]. generalize (agree_bracket _ _ _ _ A1 A2). apply filter_imp.
    intros u H p Hp.
    rewrite (H p Hp). unfold entry. apply (bracket_same m assumptions sm outs true Hs Hdim). now apply (index_lt m assumptions sm outs true Hs Hdim).
  - exists V'. split; [exact L|]. generalize (filter_and _ _ E A). apply filter_imp. intros u [H1 H2] p Hp. now rewrite <- (H1 p Hp), (H2 p Hp).
Qed.
Lemma choose_fields Vs : (forall V, In V Vs -> germ_algebra m sigma u0 V) ->
  exists Us, length Us = length Vs /\ (forall U, In U Us -> Lie.lie gm Gated.zero_acts U) /\
    Forall2 (fun v u : vec => forall p, (p < dimension m)%N -> entry v p = entry u p) (map (fun V => V u0) Vs) (map (fun U => U u0) Us).
Proof.
  induction Vs as [|V Vs IH]; intros H; [exists []; repeat split; [intros U []|constructor]|].
  destruct IH as (Us & L & HU & HF); [intros; apply H; now right|]. destruct (germ_lie V) as (U & LU & A); [apply H; now left|].
  exists (U :: Us). split; [cbn; now rewrite L|]. split; [intros U' [<-|HU']; auto|]. cbn [map]. constructor; [|exact HF]. exact (Gated.near_self _ _ A).
Qed.
Definition germ_ge (u : vec) (r : nat) : Prop :=
  exists Vs, length Vs = r /\ (forall V, In V Vs -> germ_algebra m sigma u V) /\ independent m (map (fun V => V u) Vs).
Definition germ_le (u : vec) (r : nat) : Prop :=
  forall Vs, (forall V, In V Vs -> germ_algebra m sigma u V) -> independent m (map (fun V => V u) Vs) -> (length Vs <= r)%nat.
Lemma independent_entries vs us : Forall2 (fun v u : vec => forall p, (p < dimension m)%N -> entry v p = entry u p) vs us -> independent m vs ->
  independent m us.
Proof.
  intros HF H gs L C. apply H; [rewrite L; symmetry; now apply forall2_length in HF|]. intros p Hp. rewrite <- (C p Hp). clear -HF Hp.
  revert gs. induction HF as [|v u vs us E HF IH]; intros [|g gs]; try reflexivity. unfold rsum in *. cbn [combine map fold_right fst snd].
  now rewrite (E p Hp), IH.
Qed.
Theorem germ_le_gated r : Dimension.lie_le gm Gated.zero_acts u0 r -> germ_le u0 r.
Proof.
  intros H Vs HV HI. destruct (choose_fields Vs HV) as (Us & <- & HU & HF). apply H; [exact HU|].
  apply (independent_same m assumptions sm outs true Hs Hdim). now apply (independent_entries _ _ HF).
Qed.
End Above.

(** ** From below *)
Section Below.
Variables (l : list (PM.t Q * Checks.qvec)) (th : Checks.qvec).
Let cm := copies_model sm l.
Hypothesis Hno : Gated.no_acts cm = true.
Hypothesis Hgates : forall t x, In (t, x) l -> gates_at sm th x = Some t.
Hypothesis Hreg : forall t x, In (t, x) l -> regular m sigma (Checks.qv th) (Checks.qv x).
(** every output of the copies is near [u] an output of the model at an input where it is differentiable *)
Definition outputs_near (u : vec) : Prop := forall o, In o (Checks.m_outs cm) -> exists x k i, regular m sigma u x /\ output_entry m k i /\
  Near.near u (fun v => forall x', F m sigma x k i v = evalE Gated.zero_acts v x' (Checks.out cm o)).
Lemma copy_near o : In o (Checks.m_outs cm) -> exists t x k i, In (t, x) l /\ output_entry m k i /\
  Near.near (Checks.qv th) (fun v => forall x', F m sigma (Checks.qv x) k i v = evalE Gated.zero_acts v x' (Checks.out cm o)).
Proof.
  intros H. cbn [cm copies_model Checks.m_outs] in H. apply in_flat_map in H as (b & Hb & H). apply in_map_iff in H as (o' & <- & Ho).
  assert (W' := Hno). apply andb_prop in W' as [W' _]. apply Checks.wf1 in W'.
  destruct (copies_cover (Slp.unroll (Checks.m_prog cm)) P l 1 (Slp.covers_unroll _ W') b Hb) as ([t x] & Hin & C).
  destruct (scalar_entry m assumptions sm outs true Hs Hdim o' Ho) as (k & i & O & So).
  exists t, x, k, i. split; [exact Hin|]. split; [exact O|].
  destruct (output_near (Checks.qv th) (Checks.qv x) k i o' (fun _ => True) (fun _ => 0) (fixed_input x) (fixed_gate t) b (Slp.unroll (Checks.m_prog cm)) So
    Ho (Hreg t x Hin) C I) as [_ B].
  - intros j. split; [exact Logic.I|]. intros x' _ v. cbn. unfold Checks.qv. destruct (Checks.assoc j x); [reflexivity|apply Q2R_0].
  - intros n. exact Logic.I.
  - intros n k' e Hn He _ x' _ v. destruct (gates_at_ok th x t n k' e (Hgates t x Hin) Hn He) as (q & E & Hq). unfold fixed_gate. rewrite E. exact Hq.
  - generalize B. apply filter_imp. intros v Hv x'. now apply Hv.
Qed.
Theorem lie_germ u V : outputs_near u -> Lie.lie cm Gated.zero_acts V -> germ_algebra m sigma u V.
Proof.
  intros HO. induction 1 as [o x' Ho|a b V U _ IH1 _ IH2|V U _ IH1 _ IH2 S1 S2|V U E _ IH].
  - destruct (HO o Ho) as (x & k & i & Hr & O & N). apply (germ_equal m sigma u (fun v j => partial (F m sigma x k i) j v)); [|now constructor].
    apply Gated.near_near in N. revert N. apply filter_imp. intros v N p _. unfold entry, grad. apply Gated.near_partial. generalize N. apply filter_imp. auto.
  - now constructor.
  - assert (D : forall Y, Lie.smooth1 cm Y -> nearby u (derivable_field_at m Y)).
    { intros Y HY. exists 1. split; [lra|]. intros v _. apply (smooth_same m assumptions sm outs true Hs Hdim Y) in HY. exact (HY v). }
    apply (germ_equal m sigma u (field_bracket m V U)); [|constructor; auto]. exists 1. split; [lra|]. intros v _ p Hp. unfold entry.
    apply (bracket_same m assumptions sm outs true Hs Hdim). now apply (index_lt m assumptions sm outs true Hs Hdim).
  - apply (germ_equal m sigma u V); [|exact IH]. exists 1. split; [lra|]. intros v _ p Hp. apply E. now apply (index_lt m assumptions sm outs true Hs Hdim).
Qed.
Theorem germ_ge_copies u r : outputs_near u -> Dimension.lie_ge cm Gated.zero_acts u r -> germ_ge u r.
Proof.
  intros HO (Fs & L & HF & HI). exists Fs. split; [exact L|]. split; [intros V HV; now apply lie_germ, HF|].
  now apply (independent_same m assumptions sm outs true Hs Hdim).
Qed.
Hypothesis Hregnear : forall t x, In (t, x) l -> Near.near (Checks.qv th) (fun u => regular m sigma u (Checks.qv x)).
Theorem outputs_near_near : Near.near (Checks.qv th) outputs_near.
Proof.
  apply (Gated.near_all _ (Checks.m_outs cm) (fun o u => exists x k i, regular m sigma u x /\ output_entry m k i /\
    Near.near u (fun v => forall x', F m sigma x k i v = evalE Gated.zero_acts v x' (Checks.out cm o)))).
  intros o Ho. destruct (copy_near o Ho) as (t & x & k & i & Hin & O & N). generalize (filter_and _ _ (Hregnear t x Hin) (Gated.near_near _ _ N)).
  apply filter_imp.
  intros u [H1 H2]. exists (Checks.qv x), k, i. auto.
Qed.
End Below.
End Germs.
