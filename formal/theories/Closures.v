(** * Claims of kind lattice up to equality: nodes, subspaces beyond symmetry, edges. *)
From Coq Require Import List Arith ZArith NArith QArith Qreals Reals Bool Lia Lra FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Leaves Parities Nodewise Samples Slopes Kinks Matrices Symmetries
  Posets Lattices.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Subspaces beyond symmetry *)
(** an invariant subspace by a proof of section 4 *)
Definition check_invariance (m : model) (assumptions : list (text * assumption)) (L : subspace) (p : invariance) : option bool :=
  match p with
  | InvSymmetry gs => check_fixing m assumptions (map (fun g => (g, g_nodes g)) gs) L
  | InvCongruence => unless (kinks m assumptions) (Some (check_identity false m assumptions L))
  | InvIdentity => unless (kinks m assumptions) (Some (check_identity true m assumptions L))
  end.
Definition linear (L : subspace) : bool := forallb (fun r => qzero (r_constant r)) (s_rows L).
Definition row_form (r : row) : poly := psum (map (fun e => pscal (snd e) (pvar (N.succ_pos (fst e)))) (r_entries r)).
(** L is the intersection of the linear subspaces A and B *)
Definition is_meet (m : model) (A B L : subspace) : bool :=
  let fuel := S (N.to_nat (dimension m)) in
  let basis := fold_left (extend fuel) (map row_form (s_rows A ++ s_rows B)) [] in
  linear A && linear B && linear L && holds L A && holds L B && forallb (fun r => pis0 (reduce fuel basis (row_form r))) (s_rows L).
Definition check_beyond (m : model) (assumptions : list (text * assumption)) (before : list subspace) (L : subspace) (p : beyond_proof) : option bool :=
  match p with
  | BeyondInvariance p => check_invariance m assumptions L p
  | BeyondIntersection i j =>
    match nth_error before (N.to_nat i), nth_error before (N.to_nat j) with
    | Some A, Some B => Some (negb (existsb (fun e => piecewise_definition (snd e)) (m_activations m)) && is_meet m A B L)
    | _, _ => Some false
    end
  end.
Fixpoint check_all_beyond (m : model) (assumptions : list (text * assumption)) (before beyond : list subspace) (ps : list beyond_proof) : option bool :=
  match beyond, ps with
  | [], [] => Some true
  | L :: beyond', p :: ps' =>
    match check_beyond m assumptions before L p with Some true => check_all_beyond m assumptions (before ++ [L]) beyond' ps' | o => o end
  | _, _ => Some false
  end.

(** ** The check; [None]: unsupported *)
Definition origin (m : model) : subspace :=
  {| s_dimension := 0; s_rows := map (fun p => {| r_constant := 0%Q; r_entries := [(p, 1%Q)] |}) (nrange (dimension m)) |}.
(** the moves of the parameters, generator by generator; with a matrix, [None] *)
Inductive symmetries := SymUnsupported | SymInvalid | SymMoves (all : list tables).
Definition read_symmetries (m : model) (assumptions : list (text * assumption)) (gs : list generator) (l : list node_actions) : symmetries :=
  if existsb with_matrix gs then SymUnsupported
  else if negb (has_length l (length_n gs) && indices_ok m) then SymInvalid
  else match equivariant m (parities m assumptions) no_generator [], all_equivariant m (parities m assumptions) (combine gs l) with
       | Some _, Some all =>
         if kinks m assumptions && negb (negb (taken_itself m assumptions partial_definition) && flips_nonzero m assumptions all (origin m)) then SymUnsupported
         else SymMoves all
       | _, _ => SymInvalid
       end.
Definition check_closure (m : model) (assumptions : list (text * assumption)) (beyond : list subspace) (edges : list (N * N)) (gs : list generator)
    (nodes : list subspace) (ps : list beyond_proof) (l : list node_actions) : option bool :=
  match read_symmetries m assumptions gs l with
  | SymUnsupported => None
  | SymInvalid => Some false
  | SymMoves all =>
    let ls := map (leaf_moves m) all in
    let ns := map (node_item m ls) nodes in
    if negb (check_nodes m ls ns) then Some false
    else match check_all_beyond m assumptions nodes beyond ps with
    | Some true =>
      match table_of included (ns ++ map (other_item m) beyond) with
      | Some t => Some (check_edges t (N.of_nat (length (nodes ++ beyond))) edges)
      | None => None
      end
    | o => o
    end
  end.

(** ** Soundness *)
Local Open Scope R_scope.
Section Symmetric.
Variable m : model.
Variable assumptions : list (text * assumption).
Variable gs : list generator.
Variable l : list node_actions.
Variable all : list tables.
Hypothesis HS : read_symmetries m assumptions gs l = SymMoves all.

Lemma read_ok : exists t0, indices_ok m = true /\ map fst (combine gs l) = gs /\
  check_equivariance m (parities m assumptions) no_generator [] = Some t0 /\ all_checked m (parities m assumptions) (combine gs l) = Some all /\
  (kinks m assumptions = true -> flips_nonzero m assumptions all (origin m) = true).
Proof.
  revert HS. unfold read_symmetries. destruct (existsb with_matrix gs); [easy|]. destruct (has_length l (length_n gs) && indices_ok m) eqn:E; [|easy]. cbn [negb].
  apply andb_prop in E as [E1 Hi]. destruct (equivariant m _ no_generator []) as [t0|] eqn:E0; [|easy].
  destruct (all_equivariant m _ (combine gs l)) as [all'|] eqn:Ea; [|easy].
  destruct (kinks m assumptions) eqn:K; cbn [andb]; [destruct (_ && _) eqn:Z; cbn [negb]; [|easy]|]; intros [= <-]; exists t0;
    (split; [exact Hi|]; split; [now apply fst_combine|]; split; [now apply (equivariant_ok m)|]; split; [now apply all_equivariant_ok|]).
  - intros _. now apply andb_prop in Z.
  - discriminate.
Qed.
Lemma read_moves : Forall2 (fun g mv => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) mv -> entry theta' q = sg t * entry theta p)
  gs (map (leaf_moves m) all).
Proof.
  destruct read_ok as (t0 & _ & E & _ & Ec & _). apply checked_followed, proj1, all_followed_ok in Ec. rewrite <- E. clear -Ec.
  induction Ec as [|[g e] t ps all Ht Ec IH]; cbn [map fst]; constructor; [|exact IH]. intros. exact (moves_iff_list m _ g e t Ht theta theta').
Qed.
Lemma sub_checked known ps all' : all_checked m known ps = Some all' -> forall gs', incl gs' (map fst ps) ->
  exists ps' all'', map fst ps' = gs' /\ all_checked m known ps' = Some all'' /\ incl all'' all'.
Proof.
  intros H. apply all_checked_ok in H. induction gs' as [|g gs' IH]; intros Hi; [exists [], []; repeat split; easy|].
  destruct IH as (ps' & all'' & E1 & E2 & E3); [intros x Hx; apply Hi; now right|].
  assert (G : exists e t, check_equivariance m known g e = Some t /\ In t all').
  { assert (Hg : In g (map fst ps)) by (apply Hi; now left). clear -H Hg. induction H as [|[g1 e1] t ps all' Ht H IH]; [easy|].
    destruct Hg as [E|Hg]; [cbn [fst] in E; subst; exists e1, t; split; [exact Ht|now left]|].
    destruct (IH Hg) as (e & t' & H1 & H2). exists e, t'. split; [exact H1|now right]. }
  destruct G as (e & t & G1 & G2). exists ((g, e) :: ps'), (t :: all''). cbn [map fst all_checked]. rewrite E1, G1, E2. repeat split.
  intros x [<-|Hx]; auto.
Qed.
Lemma origin_inside gs' L : incl gs' gs -> same (in_subspace L) (all_fix m gs') -> forall theta, in_subspace (origin m) theta -> in_subspace L theta.
Proof.
  intros Hi HL theta Hth. apply HL. intros g Hg. destruct (In_nth_error gs g (Hi g Hg)) as (r & Hr).
  destruct (proj1 (nth_paired m gs _ read_moves r) (ex_intro _ g Hr)) as (mv & Em). apply (nth_moves m gs _ read_moves r g mv Hr Em).
  assert (Z : forall p, (p < dimension m)%N -> entry theta p = 0).
  { intros p Hp. specialize (Hth {| r_constant := 0%Q; r_entries := [(p, 1%Q)] |}). unfold row_of, rsum in Hth. cbn [r_entries r_constant map fold_right fst snd] in Hth.
    rewrite Q2R_0, Q2R_1 in Hth. assert (E : In {| r_constant := 0%Q; r_entries := [(p, 1%Q)] |} (s_rows (origin m))).
    { cbn [origin s_rows]. apply in_map_iff. exists p. split; [reflexivity|]. rewrite nrange_ok. now apply in_upto. }
    specialize (Hth E). lra. }
  intros q p t Hin. rewrite nth_error_map in Em. destruct (nth_error all r) as [tab|] eqn:Et; [|easy]. injection Em as <-.
  destruct read_ok as (t0 & _ & E & _ & Ec & _). apply checked_followed, proj1, all_followed_ok in Ec.
  assert (G : exists g' e', check_moving m (parities m assumptions) g' e' = Some tab).
  { apply nth_error_In in Et. clear -Ec Et. induction Ec as [|[g1 e1] t ps al Ht Ec IH]; [easy|]. destruct Et as [->|Et]; [eauto|auto]. }
  destruct G as (g' & e' & G). destruct (leaves m _ g' e' tab G) as (L1 & L2 & L3 & _). apply permutation_ok_spec in L1, L3. rewrite map_length, L2 in L1, L3.
  rewrite (Z q), (Z p); [ring| |]; apply in_upto.
  - eapply Permutation.Permutation_in; [exact L3|]. exact (in_map (fun e => fst (snd e)) _ _ Hin).
  - eapply Permutation.Permutation_in; [exact L1|]. exact (in_map fst _ _ Hin).
Qed.
(** the generators are symmetries, and what some of them fix is invariant *)
Theorem read_invariant sigma : admissible m assumptions sigma ->
  (forall g, In g gs -> symmetry_for m g sigma) /\
  (forall gs' L, incl gs' gs -> same (in_subspace L) (all_fix m gs') -> invariant_for m L sigma) /\
  (kinks m assumptions = true -> differentiable m assumptions sigma ->
   forall gs' L, incl gs' gs -> same (in_subspace L) (all_fix m gs') -> invariant_with_slopes m assumptions L sigma).
Proof.
  intros Ha. destruct read_ok as (t0 & _ & E & E0 & Ec & Hf). assert (Hk := parities_ok m assumptions sigma Ha). split; [|split].
  - intros g Hg. apply (group_symmetry m _ (combine gs l) all Ec sigma Hk). now rewrite E.
  - intros gs' L Hi HL. rewrite <- E in Hi. destruct (sub_checked _ _ _ Ec gs' Hi) as (ps' & all'' & E1 & E2 & _).
    apply (fixed_invariant m _ ps' t0 all'' E0 E2 L sigma); [|exact Hk]. rewrite E1. exact HL.
  - intros K Hd gs' L Hi HL. assert (HO := origin_inside gs' L Hi HL). rewrite <- E in Hi. destruct (sub_checked _ _ _ Ec gs' Hi) as (ps' & all'' & E1 & E2 & E3).
    apply (fixed_with_slopes m assumptions ps' all'' L sigma); [rewrite E1; exact HL|exact E2|exact Ha|exact Hd|].
    intros tabs ai Ht Hai. destruct (flips_shown m assumptions sigma (origin m) all Ha (Hf K) tabs ai (E3 _ Ht) Hai) as (theta & x & H1 & H2).
    exists theta, x. split; [now apply HO|exact H2].
Qed.
End Symmetric.

(** *** Beyond *)
Definition kept (m : model) (assumptions : list (text * assumption)) (L : subspace) : Prop :=
  (forall sigma, admissible m assumptions sigma -> invariant_for m L sigma) /\
  (kinks m assumptions = true -> forall sigma, admissible m assumptions sigma -> differentiable m assumptions sigma -> invariant_with_slopes m assumptions L sigma).
Lemma check_invariance_sound m assumptions L p : check_invariance m assumptions L p = Some true -> kept m assumptions L.
Proof.
  unfold check_invariance. destruct p as [gs| |]; intros H.
  - apply check_fixing_sound in H as [H K]. apply check_symmetries_sound in H as [_ [_ H]]. split; [exact H|exact K].
  - apply unless_true in H as [K H]. injection H as H. split; [intros sigma; now apply (check_identity_sound false)|congruence].
  - apply unless_true in H as [K H]. injection H as H. split; [intros sigma; now apply (check_identity_sound true)|congruence].
Qed.
Lemma linear_rows L theta : linear L = true -> in_subspace L theta <-> forall r, In r (s_rows L) -> row_of r theta = 0.
Proof.
  unfold linear. intros H. rewrite forallb_forall in H. split; intros K r Hr; specialize (K r Hr); specialize (H r Hr); apply qzero_ok in H; congruence.
Qed.
Lemma row_form_ok r theta : peval theta (row_form r) = row_of r theta.
Proof. unfold row_form. apply peval_form. Qed.
Lemma is_meet_ok m A B L : is_meet m A B L = true -> linear A = true /\ linear B = true /\ linear L = true /\ inside L A /\ inside L B /\
  forall theta, in_subspace A theta -> in_subspace B theta -> in_subspace L theta.
Proof.
  unfold is_meet. cbv zeta. intros H. apply andb_prop in H as [[[[[H1 H2]%andb_prop H3]%andb_prop H4]%andb_prop H5]%andb_prop H6].
  repeat (split; [first [assumption|now apply holds_ok]|]). intros theta HA HB. apply linear_rows; [exact H3|]. intros r Hr.
  rewrite forallb_forall in H6. specialize (H6 r Hr). apply (pis0_ok theta) in H6. set (fuel := S _) in *.
  rewrite (reduce_ok theta fuel) in H6; [now rewrite row_form_ok in H6|].
  assert (F0 : forall p, In p (map row_form (s_rows A ++ s_rows B)) -> peval theta p = 0).
  { intros p Hp. apply in_map_iff in Hp as (r' & <- & Hr'). rewrite row_form_ok. apply in_app_or in Hr' as [Hr'|Hr'].
    - now apply (proj1 (linear_rows A theta H1)).
    - now apply (proj1 (linear_rows B theta H2)). }
  assert (V0 : vanish theta []) by (intros v q []). clear H6. revert V0 F0. generalize (@nil (positive * poly)) as basis.
  induction (map row_form (s_rows A ++ s_rows B)) as [|p ps IH]; cbn [fold_left]; intros basis V0 F0; [exact V0|].
  apply IH; [|intros; apply F0; now right]. apply extend_ok; [exact V0|apply F0; now left].
Qed.
Lemma piecewise_kinks m assumptions : existsb (fun e => piecewise_definition (snd e)) (m_activations m) = false -> kinks m assumptions = false.
Proof.
  intros H. unfold kinks, taken_itself. destruct (existsb _ (m_activations m)) eqn:E in |- *; [|reflexivity].
  apply existsb_exists in E as (e & He & E). rewrite <- H. symmetry. apply existsb_exists. exists e. split; [exact He|].
  destruct (find (fst e) assumptions) as [[|]|]; [exact E|discriminate E|discriminate E].
Qed.
Lemma check_beyond_sound m assumptions before L p : (forall A, In A before -> kept m assumptions A) -> check_beyond m assumptions before L p = Some true -> kept m assumptions L.
Proof.
  intros HB. destruct p as [p|i j]; cbn [check_beyond]; [apply check_invariance_sound|].
  destruct (nth_error before (N.to_nat i)) as [A|] eqn:EA; [|easy]. destruct (nth_error before (N.to_nat j)) as [B|] eqn:EB; [|easy].
  intros [= H]. apply andb_prop in H as [Hp H]. apply negb_true_iff, (piecewise_kinks m assumptions) in Hp. split; [|congruence].
  apply nth_error_In, HB, proj1 in EA. apply nth_error_In, HB, proj1 in EB. apply is_meet_ok in H as (LA & LB & LL & IA & IB & Meet).
  intros sigma Ha theta Hth x Hr k o Hko. destruct (EA sigma Ha theta (IA _ Hth) x Hr k o Hko) as [D GA]. destruct (EB sigma Ha theta (IB _ Hth) x Hr k o Hko) as [_ GB].
  split; [exact D|]. set (grad := fun q => partial (F m sigma x k o) q theta).
  assert (HL : in_subspace L grad) by (apply Meet; apply linear_rows; assumption). exact (proj1 (linear_rows L grad LL) HL).
Qed.
Lemma check_all_beyond_sound m assumptions : forall beyond ps before, (forall A, In A before -> kept m assumptions A) ->
  check_all_beyond m assumptions before beyond ps = Some true -> forall A, In A (before ++ beyond) -> kept m assumptions A.
Proof.
  induction beyond as [|L beyond IH]; intros [|p ps] before HB; cbn [check_all_beyond]; intros H; try discriminate H.
  - now rewrite app_nil_r.
  - destruct (check_beyond m assumptions before L p) as [[|]|] eqn:E; try discriminate H. apply (check_beyond_sound m assumptions before L p HB) in E.
    replace (before ++ L :: beyond) with ((before ++ [L]) ++ beyond) by (now rewrite <- app_assoc). apply (IH ps); [|exact H].
    intros A HA. apply in_app_or in HA as [HA|[<-|[]]]; auto.
Qed.

(** *** The theorem *)
Theorem check_closure_sound m assumptions beyond edges gs nodes ps l : check_closure m assumptions beyond edges gs nodes ps l = Some true ->
  claim_holds m assumptions (Lattice beyond edges gs nodes false) /\ holds_at_kinks m assumptions (Lattice beyond edges gs nodes false).
Proof.
  unfold check_closure. destruct (read_symmetries m assumptions gs l) as [| |all] eqn:ES; try discriminate. cbv zeta.
  set (ls := map (leaf_moves m) all). set (ns := map (node_item m ls) nodes).
  destruct (check_nodes m ls ns) eqn:EN; [|discriminate]. cbn [negb].
  destruct (check_all_beyond m assumptions nodes beyond ps) as [[|]|] eqn:EB; try discriminate.
  destruct (table_of included (ns ++ map (other_item m) beyond)) as [t|] eqn:ET; [|discriminate]. intros [= EE].
  assert (HG := read_moves m assumptions gs l all ES). fold ls in HG.
  destruct (nodes_closed m gs ls HG ns) as [OK Closed]; [|exact EN|].
  { intros a Ha. unfold ns in Ha. apply in_map_iff in Ha as (L & <- & _). eauto. }
  assert (Node : forall L, In L nodes -> exists gs', incl gs' gs /\ same (in_subspace L) (all_fix m gs')).
  { intros L HL. assert (Ha : In (node_item m ls L) ns) by now apply in_map. apply OK in Ha as (_ & S & _). eexists. split; [|exact S].
    intros g Hg. apply in_select in Hg as (r & _ & Hr). now apply nth_error_In in Hr. }
  assert (Kept : forall L, In L nodes -> kept m assumptions L).
  { intros L HL. destruct (Node L HL) as (gs' & Hi & S). split.
    - intros sigma Ha. exact (proj1 (proj2 (read_invariant m assumptions gs l all ES sigma Ha)) gs' L Hi S).
    - intros K sigma Ha Hd. exact (proj2 (proj2 (read_invariant m assumptions gs l all ES sigma Ha)) K Hd gs' L Hi S). }
  assert (All := check_all_beyond_sound m assumptions beyond ps nodes Kept EB).
  set (items := ns ++ map (other_item m) beyond) in *. set (spaces := nodes ++ beyond) in *.
  assert (Len : length items = length spaces) by (unfold items, spaces, ns; rewrite !app_length, !map_length; reflexivity).
  assert (Space : map it_space items = spaces) by (unfold items, spaces, ns; rewrite map_app, !map_map; cbn [node_item other_item it_space]; now rewrite !map_id).
  assert (Items : forall a, In a items -> item_ok m gs a).
  { intros a Ha. unfold items in Ha. apply in_app_or in Ha as [Ha|Ha].
    - assert (O := OK a Ha). unfold ns in Ha. apply in_map_iff in Ha as (L & <- & _). split; [intros th; apply points_in|exact O].
    - apply in_map_iff in Ha as (L & <- & _). split; [intros th; apply points_in|exact I]. }
  assert (Nth : forall i, (i < length spaces)%nat -> exists a, nth_error items i = Some a /\ it_space a = nth i spaces no_subspace).
  { intros i Hi. destruct (nth_error items i) as [a|] eqn:Ea; [|apply nth_error_None in Ea; lia]. exists a. split; [reflexivity|].
    rewrite <- Space, (nth_indep _ no_subspace (it_space a)) by (rewrite map_length; lia). rewrite map_nth. now rewrite (nth_error_nth _ _ _ Ea). }
  destruct (check_edges_ok t (length spaces) (fun i j => inside (nth i spaces no_subspace) (nth j spaces no_subspace)) edges) as [Cov Anti]; [| |exact EE|].
  { intros i j Hi Hj D. destruct (Nth i Hi) as (a & Ea & Sa). destruct (Nth j Hj) as (b & Eb & Sb).
    destruct (table_of_ok included items t ET (N.of_nat i) (N.of_nat j) a b) as (r & H1 & H2 & H3); rewrite ?Nat2N.id; auto; [lia|].
    rewrite <- Sa, <- Sb. split; [|exact H3]. rewrite H2.
    apply (included_ok m gs a b r); [apply Items; now apply nth_error_In in Ea|apply Items; now apply nth_error_In in Eb|exact H1]. }
  { intros i j k _ _ _ H1 H2 theta H. now apply H2, H1. }
  split.
  - split; [|split; [exact Node|split; [|split; [|exact Cov]]]].
    + intros sigma Ha. destruct (read_invariant m assumptions gs l all ES sigma Ha) as (R1 & R2 & _). split; [exact R1|].
      split; [intros L HL; now apply (All L HL)|exact R2].
    + intros gs' Hi. destruct (Closed gs' Hi) as (a & Ha & S). unfold ns in Ha. apply in_map_iff in Ha as (L & <- & HL). exists L. split; [exact HL|exact S].
    + intros i j L L' Hi Hj D S. fold spaces in Hi, Hj. assert (Li : (i < length spaces)%nat) by (apply nth_error_Some; congruence).
      assert (Lj : (j < length spaces)%nat) by (apply nth_error_Some; congruence).
      apply (Anti i j Li Lj D); rewrite (nth_error_nth _ _ _ Hi), (nth_error_nth _ _ _ Hj); intros theta; apply S.
  - intros K sigma Ha Hd. split; [intros L HL; now apply (All L HL)|].
    exact (proj2 (proj2 (read_invariant m assumptions gs l all ES sigma Ha)) K Hd).
Qed.
