(** * Programs with signs near a point where no sign is taken of 0

    A piecewise function is z ↦ a z + b z S(z), S the sign. Here every S(z) of a program is replaced by a leaf, its gate: a number or a new input. Near a
    point where no such z is 0, the program with the right gates has the same values ([translated_near]), and it is polynomial in the parameters. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Signs Slp Checks Flow Lie Words Gradient Dimension Near.
Import ListNotations.
Local Open Scope R_scope.

(** ** Neighbourhoods *)
Lemma near_self u0 P : near u0 P -> P u0.
Proof. intros (e & He & H). apply H. intros i. rewrite Rminus_eq_0, Rabs_R0. exact He. Qed.
Lemma near_near u0 P : near u0 P -> near u0 (fun u => near u P).
Proof.
  intros (e & He & H). exists (e / 2). split; [lra|]. intros u Hu. exists (e / 2). split; [lra|]. intros w Hw. apply H. intros i. specialize (Hu i).
  specialize (Hw i).
  replace (w i - u0 i) with ((w i - u i) + (u i - u0 i)) by ring. eapply Rle_lt_trans; [apply Rabs_triang|lra].
Qed.
Lemma near_partial f g u i : near u (fun w => f w = g w) -> partial f i u = partial g i u.
Proof.
  intros (e & He & H). unfold partial. apply Derive_ext_loc. exists (mkposreal e He). intros t Ht. apply H. intros k. unfold upd.
  destruct (Pos.eqb_spec k i) as [->|]; [exact Ht|rewrite Rminus_eq_0, Rabs_R0; exact He].
Qed.
Lemma near_all {A} u0 (l : list A) (P : A -> vec -> Prop) : (forall a, In a l -> near u0 (P a)) -> near u0 (fun u => forall a, In a l -> P a u).
Proof.
  induction l as [|a l IH]; intros H; [exists 1; split; [lra|intros u _ a []]|].
  apply (filter_imp (fun u => P a u /\ forall b, In b l -> P b u)); [intros u [H1 H2] b [<-|Hb]; auto|].
  apply filter_and; [apply H; now left|]. apply IH. intros b Hb. apply H. now right.
Qed.
Lemma cont_eval s x u0 e : noact e -> cont u0 (fun u => evalE s u x e).
Proof.
  induction e as [q|i|j|a IHa b IHb|a IHa b IHb|k a IHa]; cbn; intros H; [apply cont_const|apply cont_coord|apply cont_const| | |easy].
  - destruct H. now apply cont_plus; [apply IHa|apply IHb].
  - destruct H. now apply cont_mult; [apply IHa|apply IHb].
Qed.

(** ** Signs *)
Lemma sgn_pos t : 0 < t -> sgn t = 1.
Proof. intros H. unfold sgn. destruct (Rlt_dec 0 t); [reflexivity|lra]. Qed.
Lemma sgn_negative t : t < 0 -> sgn t = -1.
Proof. intros H. unfold sgn. destruct (Rlt_dec 0 t); [lra|]. destruct (Rlt_dec t 0); [reflexivity|lra]. Qed.
Lemma sgn_smooth t (l : R) : is_derive sgn t l -> t <> 0.
Proof.
  intros H ->. assert (C : ex_derive sgn 0) by now exists l. apply ex_derive_continuous in C.
  assert (P : locally (sgn 0) (fun y => Rabs (y - sgn 0) < / 2)) by (assert (Half : 0 < / 2) by lra; exists (mkposreal (/ 2) Half); intros y Hy; exact Hy).
  specialize (C _ P). destruct C as [d Hd]. assert (Pd := cond_pos d). assert (B : ball 0 d (d / 2)).
  { unfold ball; simpl; unfold AbsRing_ball, abs, minus, plus, opp; simpl. rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq; lra. }
  specialize (Hd _ B). rewrite (sgn_pos (d / 2)) in Hd by lra. assert (Z : sgn 0 = 0) by (unfold sgn; destruct (Rlt_dec 0 0); [lra|reflexivity]).
  rewrite Z, Rminus_0_r, Rabs_R1 in Hd. lra.
Qed.
Lemma sgn_near u0 f : cont u0 f -> f u0 <> 0 -> near u0 (fun u => sgn (f u) = sgn (f u0)).
Proof.
  intros C N. destruct (Rlt_dec 0 (f u0)) as [H|H].
  - apply (C (fun y => sgn y = sgn (f u0))). apply (filter_imp (fun y => 0 < y)); [intros y Hy; now rewrite !sgn_pos|now apply open_gt].
  - apply (C (fun y => sgn y = sgn (f u0))). apply (filter_imp (fun y => y < 0)); [intros y Hy; rewrite !sgn_negative; lra|apply open_lt; lra].
Qed.

(** ** Translated programs: node [a] becomes node [sh base a] *)
Definition sh (base a : positive) : positive := Pos.pred (Pos.add base a).
Lemma sh_succ base a : sh base (Pos.succ a) = Pos.succ (sh base a).
Proof. unfold sh. lia. Qed.
Lemma sh_1 base : sh base 1 = base.
Proof. unfold sh. lia. Qed.
Section Translate.
Variables (inp gate : positive -> node) (base : positive).
Definition translate (next : positive) (n : node) : node :=
  match n with
  | NX j => inp j
  | NSum l => NSum (map (sh base) l)
  | NMul a b => NMul (sh base a) (sh base b)
  | NAct _ _ => gate next
  | n => n
  end.
Fixpoint translated (next : positive) (p : prog) : prog :=
  match p with [] => [] | n :: p' => translate next n :: translated (Pos.succ next) p' end.
Lemma advance_translated p : forall next, advance (sh base next) (translated next p) = sh base (advance next p).
Proof. induction p as [|n p IH]; intros next; cbn [translated advance]; [reflexivity|]. now rewrite <- sh_succ, IH. Qed.
End Translate.
Lemma covers_app E p q : forall next, covers E next (p ++ q) -> covers E next p /\ covers E (advance next p) q.
Proof. induction p as [|n p IH]; intros next; cbn [app covers advance]; [tauto|]. intros [H1 H2]. apply IH in H2. tauto. Qed.

Section Near.
Variables (s s' : positive -> bool -> R -> R) (P : prog) (u0 x : vec) (X' : vec -> Prop) (x0 : vec) (inp gate : positive ->
  node) (base : positive) (E' : positive -> expr).
Let E := unroll P.
Hypothesis W : wf_from 1 P = true.
Hypothesis C' : covers E' base (translated inp gate base 1 P).
Hypothesis H0 : X' x0.
Hypothesis Hin : forall j, noact (expr_of E' (inp j)) /\ forall x', X' x' -> forall u, evalE s' u x' (expr_of E' (inp j)) = x j.
Hypothesis Hno : forall n, noact (expr_of E' (gate n)).
Hypothesis Hgate : forall n k e, (n < advance 1 P)%positive -> E n = EAct k e -> smooth_at s u0 x (E n) ->
  (forall t, s k false t = sgn t) /\ forall x', X' x' -> forall u, evalE s' u x' (expr_of E' (gate n)) = sgn (evalE s u0 x e).

Definition same_near (n : positive) : Prop :=
  noact (E' (sh base n)) /\ (smooth_at s u0 x (E n) -> near u0 (fun u => forall x', X' x' -> evalE s u x (E n) = evalE s' u x' (E' (sh base n)))).
Lemma advance_le p : forall next, (next <= advance next p)%positive.
Proof. induction p as [|n p IH]; intros next; cbn [advance]; [lia|]. specialize (IH (Pos.succ next)). lia. Qed.
Theorem translated_near : forall n, (n < advance 1 P)%positive -> same_near n.
Proof.
  assert (C := covers_unroll P W).
  assert (G : forall p next, (advance next p <= advance 1 P)%positive -> wf_from next p = true -> covers E next p ->
    covers E' (sh base next) (translated inp gate base next p) ->
    (forall n, (n < next)%positive -> same_near n) -> forall n, (n < advance next p)%positive -> same_near n).
  { induction p as [|nd p IH]; intros next HA Wp Cp Cp' HB; [exact HB|].
    cbn [wf_from covers translated advance] in *. apply andb_prop in Wp as [Wa Wb]. destruct Cp as [Ca Cb]. destruct Cp' as [Ca' Cb'].
    rewrite <- sh_succ in Cb'.
    apply IH; auto. intros n Hn. destruct (Pos.eq_dec n next) as [->|D]; [|apply HB; lia].
    assert (RL := refs_lt next nd Wa). assert (HN : (next < advance 1 P)%positive) by (assert (A := advance_le p (Pos.succ next)); lia).
    unfold same_near. rewrite Ca'. destruct nd as [q|i|j|l|a b|k a]; cbn [translate].
    - rewrite Ca. cbn. split; [exact I|]. intros _. now apply filter_forall.
    - rewrite Ca. cbn. split; [exact I|]. intros _. now apply filter_forall.
    - rewrite Ca. destruct (Hin j) as [H1 H2]. split; [exact H1|]. intros _. apply filter_forall. intros u x' Hx. rewrite H2 by exact Hx. reflexivity.
    - rewrite Ca. clear Ca Ca' Wa. cbn [expr_of refs] in *. induction l as [|a l IHl]; cbn [map fold_right noact smooth_at evalE].
      + split; [exact I|]. intros _. now apply filter_forall.
      + destruct (HB a) as [A1 A2]; [apply RL; simpl; auto|]. destruct IHl as [B1 B2]; [intros; apply RL; simpl; auto|]. split; [auto|]. intros [S1 S2].
        generalize (filter_and _ _ (A2 S1) (B2 S2)). apply filter_imp. intros u [X1 X2] x' Hx. now rewrite (X1 x' Hx), (X2 x' Hx).
    - rewrite Ca. cbn [expr_of noact smooth_at evalE refs] in *. destruct (HB a) as [A1 A2]; [apply RL; simpl; auto|].
      destruct (HB b) as [B1 B2]; [apply RL; simpl; auto|].
      split; [auto|]. intros [S1 S2]. generalize (filter_and _ _ (A2 S1) (B2 S2)). apply filter_imp. intros u [X1 X2] x' Hx. now rewrite (X1 x' Hx), (X2 x' Hx).
    - split; [apply Hno|]. intros Sm. cbn [expr_of] in Ca. destruct (Hgate next k (E a) HN Ca Sm) as [Hs Hg]. rewrite Ca in *. cbn [smooth_at evalE] in *.
      destruct Sm as [S1 S2]. destruct (HB a) as [A1 A2]; [apply RL; simpl; auto|]. specialize (A2 S1).
      assert (N0 : evalE s u0 x (E a) <> 0) by (apply (sgn_smooth _ (s k true (evalE s u0 x (E a)))); apply (is_derive_ext (s k false)); [exact Hs|exact S2]).
      assert (E0 := near_self _ _ A2 x0 H0). cbv beta in E0.
      assert (N1 := sgn_near u0 _ (cont_eval s' x0 u0 (E' (sh base a)) A1)). cbv beta in N1. rewrite <- E0 in N1. specialize (N1 N0).
      generalize (filter_and _ _ A2 N1). apply filter_imp. intros u [H1 H2] x' Hx. rewrite Hs, (Hg x' Hx), (H1 x0 H0). exact H2. }
  apply (G P 1%positive); [lia|exact W|exact C|now rewrite sh_1|lia].
Qed.
End Near.

(** ** Fields of a program without activations are polynomial, and smooth *)
Definition zero_acts (k : positive) (d : bool) (t : R) : R := 0.
Lemma zero_derivable : act_derivable zero_acts.
Proof. intros k t. apply @is_derive_const. Qed.
Lemma zero_members : poly_acts zero_acts [].
Proof. intros k cs H. discriminate H. Qed.
Definition no_acts (m : model) : bool := wf_model m && forallb (has_member []) (m_prog m).
Lemma lie_smooth m V : no_acts m = true -> lie m zero_acts V -> smooth1 m V.
Proof.
  intros H HV u i Hi. apply andb_prop in H as [W H].
  destruct (lie_polynomial m zero_acts [] zero_derivable zero_members W H V HV i Hi) as (q & Hq).
  assert (E : (fun t => V t i) = (fun t => rev t q)) by (apply functional_extensionality; exact Hq).
  destruct (pfield_smooth m (fun _ => q) u i Hi) as [S1 S2]. unfold pfield in *. split.
  - intros j Hj. rewrite E. now apply S1.
  - intros v Hv. rewrite E. apply (is_derive_ext (fun t => rev (fun k => u k + t * v k) q)); [intros t; symmetry; apply Hq|]. now apply S2.
Qed.
