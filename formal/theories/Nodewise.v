(** * Signed symmetries node by node with contractions letter by letter: linear in the entries of all nodes. *)
From Coq Require Import List ZArith NArith QArith Ascii Bool Lia FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Leaves Parities.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition local_rule (m : model) (known : text -> list fact) (tabs : tables) (acts : N -> list (option action)) (mine : list (option action))
    (n : node) (own : list (N * bool)) : bool :=
  match n with
  | NContract s args terms out => contract_rule m tabs acts mine s args terms out
  | _ => node_rule m known tabs acts n own
  end.
Fixpoint local_rules (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) (l : list node) (k : N) (tabs : tables) : option tables :=
  match l with
  | [] => Some tabs
  | n :: l' =>
    let mine := acts_of m g extra n k in
    match flat_action (shape_of n) mine with
    | Some own =>
      if local_rule m known tabs (fun a => acts_of m g extra (node_at m a) a) mine n own
      then local_rules m known g extra l' (N.succ k) (PM.add (N.succ_pos k) (tabulate own) tabs) else None
    | None => None
    end
  end.
(** inputs and outputs may move too *)
Definition moving (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) : option tables :=
  match local_rules m known g extra (m_nodes m) 0 (PM.empty _) with
  | Some tabs => if axes_ok m g extra then Some tabs else None
  | None => None
  end.
Fixpoint all_moving (m : model) (known : text -> list fact) (gs : list (generator * node_actions)) : option (list tables) :=
  match gs with
  | [] => Some []
  | (g, e) :: l => match moving m known g e, all_moving m known l with Some t, Some ts => Some (t :: ts) | _, _ => None end
  end.
Definition equivariant (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) : option tables :=
  match moving m known g extra with Some tabs => if ends_fixed m tabs then Some tabs else None | None => None end.
Fixpoint all_equivariant (m : model) (known : text -> list fact) (gs : list (generator * node_actions)) : option (list tables) :=
  match gs with
  | [] => Some []
  | (g, e) :: l => match equivariant m known g e, all_equivariant m known l with Some t, Some ts => Some (t :: ts) | _, _ => None end
  end.
(** orders of derivatives above 0 in a model are not treated: without smoothness the parity of a derivative is not that of the format's rule *)
Definition orders_zero (m : model) : bool := forallb (fun n => match n with NApply _ _ _ o => N.eqb o 0 | _ => true end) (m_nodes m).
Definition check_nodewise (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : option subspace) : bool :=
  let known := parities m assumptions in
  indices_ok m &&
  match equivariant m known no_generator [], all_equivariant m known gs with
  | Some _, Some all => match L with Some L => check_fixed m all L | None => true end
  | _, _ => false
  end.

(** ** Soundness: by the rule that goes through all products *)
Section Implied.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Let acts := fun a => acts_of m g extra (node_at m a) a.

Lemma local_rules_ok : forall l k tabs tabs', (forall j n, nth_error l j = Some n -> node_at m (k + N.of_nat j) = n) ->
  (forall a, get_t tabs a <> None -> table_ok_at m tabs acts a) ->
  local_rules m known g extra l k tabs = Some tabs' -> nodes_rule m known g extra l k tabs = Some tabs'.
Proof.
  induction l as [|n l IH]; cbn [local_rules nodes_rule]; intros k tabs tabs' Hn Ht H; [exact H|].
  assert (En := Hn 0%nat n eq_refl). rewrite N.add_0_r in En.
  destruct (flat_action (shape_of n) (acts_of m g extra n k)) as [own|] eqn:Ef; [|easy].
  destruct (local_rule m known tabs _ _ n own) eqn:Er; [|easy].
  assert (R : node_rule m known tabs acts n own = true).
  { destruct n; try exact Er. cbn [local_rule] in Er. eapply contract_rule_ok; [exact Er|exact Ef|exact Ht]. }
  fold acts. rewrite R. apply IH; [|  |exact H].
  - intros j n' Hj. specialize (Hn (S j) n' Hj). replace (N.succ k + N.of_nat j)%N with (k + N.of_nat (S j))%N by lia. exact Hn.
  - intros a Ha. unfold table_ok_at. destruct (N.eq_dec a k) as [->|D].
    + exists own. unfold shape_at, acts. rewrite En. split; [exact Ef|]. intros i. rewrite look_add, N.eqb_refl. reflexivity.
    + assert (Ha' : get_t tabs a <> None).
      { unfold get_t in *. rewrite PM.gso in Ha by (intros K; apply D; now apply succ_pos_inj). exact Ha. }
      destruct (Ht a Ha') as (own' & H1 & H2). exists own'. split; [exact H1|]. intros i. rewrite look_add.
      destruct (N.eqb_spec a k); [contradiction|apply H2].
Qed.
Hypothesis Hi : indices_ok m = true.
Lemma moving_ok tabs : moving m known g extra = Some tabs -> check_moving m known g extra = Some tabs.
Proof.
  unfold moving, check_moving. destruct (local_rules m known g extra (m_nodes m) 0 (PM.empty _)) as [t|] eqn:E; [|easy].
  apply local_rules_ok in E.
  - rewrite E. destruct (axes_ok m g extra) eqn:Ea; [|easy].
    rewrite (leaves_ok_by_axes m g extra t); [auto| |exact Hi|exact Ea]. intros k n Hin. apply in_numbered in Hin.
    destruct (proj2 (nodes_rule_tables m known g extra _ _ _ _ E) _ _ Hin) as (own & H1 & H2). cbn [N.add] in H1, H2. rewrite N2Nat.id in H1, H2.
    exists own. auto.
  - intros j n Hn. unfold node_at, at_. cbn [N.add]. rewrite Nat2N.id. now apply nth_error_nth.
  - intros a Ha. unfold get_t in Ha. now rewrite PM.gempty in Ha.
Qed.
Lemma equivariant_ok tabs : equivariant m known g extra = Some tabs -> check_equivariance m known g extra = Some tabs.
Proof.
  unfold equivariant, check_equivariance. destruct (moving m known g extra) as [t|] eqn:E; [|easy]. now rewrite (moving_ok _ E).
Qed.
End Implied.

Lemma all_moving_ok m known : indices_ok m = true -> forall gs all, all_moving m known gs = Some all -> all_followed m known gs = Some all.
Proof.
  intros Hi. induction gs as [|[g e] gs IH]; cbn [all_moving all_followed]; intros all H; [exact H|].
  destruct (moving m known g e) as [t|] eqn:E; [|easy]. destruct (all_moving m known gs) as [ts|]; [|easy].
  rewrite (moving_ok _ _ _ _ Hi _ E), (IH ts eq_refl). exact H.
Qed.
Lemma all_equivariant_ok m known : indices_ok m = true -> forall gs all, all_equivariant m known gs = Some all -> all_checked m known gs = Some all.
Proof.
  intros Hi. induction gs as [|[g e] gs IH]; cbn [all_equivariant all_checked]; intros all H; [exact H|].
  destruct (equivariant m known g e) as [t|] eqn:E; [|easy]. destruct (all_equivariant m known gs) as [ts|]; [|easy].
  rewrite (equivariant_ok _ _ _ _ Hi _ E), (IH ts eq_refl). exact H.
Qed.
(** Every generator is an orthogonal map with F(g theta) = F(theta); their common fixed space is L, which is therefore invariant. *)
Theorem check_nodewise_sound m assumptions gs L : check_nodewise m assumptions gs L = true ->
  (forall sigma, admissible m assumptions sigma -> forall g, In g (map fst gs) -> symmetry_for m g sigma) /\
  match L with
  | Some L => fixed_space_is m (map fst gs) L /\ forall sigma, admissible m assumptions sigma -> invariant_for m L sigma
  | None => True
  end.
Proof.
  unfold check_nodewise. cbv zeta. intros H. apply andb_prop in H as [Hi H]. revert H.
  destruct (equivariant m _ no_generator []) as [t0|] eqn:E0; [|easy]. apply (equivariant_ok _ _ _ _ Hi) in E0.
  destruct (all_equivariant m _ gs) as [all|] eqn:Ea; [|easy]. apply (all_equivariant_ok _ _ Hi) in Ea. intros H.
  assert (Hk := fun sigma Ha => parities_ok m assumptions sigma Ha).
  split; [intros sigma Ha; exact (group_symmetry m _ gs all Ea sigma (Hk sigma Ha))|]. destruct L as [L|]; [|exact I].
  split; [exact (group_fixed m _ gs all Ea L H)|]. intros sigma Ha. exact (group_invariant m _ gs t0 all E0 Ea L sigma H (Hk sigma Ha)).
Qed.
