(** * Lattices of fixed spaces: which generators fix a node, intersections, inclusions. *)
From Coq Require Import List Arith ZArith NArith QArith Qreals Reals Bool Lia Lra FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Samples Posets.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition move := (N * (N * bool))%type.

(** ** Inclusion of subspaces: all equations hold, or one fails at a point *)
(** the origin of the free coordinates, their unit points, and a point in general position before these *)
Definition points (m : model) (L : subspace) : list (PM.t Q) :=
  let ps := pivots L in
  filter (on_subspace L) (map (completed L)
    (spread_table 0 (dimension m) :: PM.empty _
     :: map (fun p => PM.add (N.succ_pos p) 1%Q (PM.empty _)) (filter (fun p => negb (is_pivot ps p)) (nrange (dimension m))))).
Definition misses (L : subspace) (th : PM.t Q) : bool :=
  existsb (fun r => negb (qzero (qadd (tail_value th (r_entries r)) (qopp (r_constant r))))) (s_rows L).
Definition holds (L L' : subspace) : bool :=
  let leaves := subspace_leaves L in
  forallb (fun r => pis0 (psub (psum (map (fun e => pscal (snd e) (Checks.subst_leaf leaves (N.succ_pos (fst e)))) (r_entries r))) (pcst (r_constant r))))
    (s_rows L').
Definition unfixed (ths : list (PM.t Q)) (l : list move) : bool :=
  existsb (fun th => existsb (fun e => let '(q, (p, t)) := e in
    negb (qzero (qadd (coordinate th q) (if t : bool then coordinate th p else qopp (coordinate th p))))) l) ths.

Local Open Scope R_scope.
Lemma row_value th r : Q2R (tail_value th (r_entries r)) = row_of r (real th).
Proof.
  unfold row_of, tail_value, rsum. induction (r_entries r) as [|[p q] l IH]; cbn [map fold_right fst snd]; [apply Q2R_0|].
  rewrite qadd_ok, qmul_ok, IH. f_equal. f_equal. unfold entry, real, coordinate, get_t. destruct (PM.find _ th); [reflexivity|apply Q2R_0].
Qed.
Lemma coordinate_ok th p : Q2R (coordinate th p) = entry (real th) p.
Proof. unfold coordinate, entry, real, get_t. destruct (PM.find _ th); [reflexivity|apply Q2R_0]. Qed.
Lemma points_in m L th : In th (points m L) -> in_subspace L (real th).
Proof. unfold points. cbv zeta. intros H. apply filter_In in H as [_ H]. now apply on_subspace_ok. Qed.
Lemma misses_ok L th : misses L th = true -> ~ in_subspace L (real th).
Proof.
  unfold misses. intros H K. apply existsb_exists in H as (r & Hr & H). apply negb_true_iff, qzero_false in H. apply H.
  rewrite qadd_ok, qopp_ok, row_value, (K r Hr). lra.
Qed.
Lemma holds_ok L L' : holds L L' = true -> inside L L'.
Proof.
  unfold holds. cbv zeta. intros H theta Hth r Hr. rewrite forallb_forall in H. specialize (H r Hr).
  set (rho := Slp.val theta theta (fun _ _ => 0%R)). apply (pis0_ok rho) in H. rewrite psub_ok, psum_ok, map_map, pcst_ok in H.
  unfold row_of, rsum. unfold lsum in H.
  assert (E : fold_right Rplus 0 (map (fun e => peval rho (pscal (snd e) (Checks.subst_leaf (subspace_leaves L) (N.succ_pos (fst e))))) (r_entries r))
    = fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry theta (fst e)) (r_entries r))).
  { f_equal. apply map_ext. intros e. rewrite pscal_ok. unfold rho. now rewrite subspace_leaves_ok. }
  lra.
Qed.
Lemma unfixed_ok ths l : unfixed ths l = true -> exists th q p t, In th ths /\ In (q, (p, t)) l /\ entry (real th) q <> sg t * entry (real th) p.
Proof.
  unfold unfixed. intros H. apply existsb_exists in H as (th & Hth & H). apply existsb_exists in H as ([q [p t]] & Hin & H).
  exists th, q, p, t. split; [exact Hth|]. split; [exact Hin|]. apply negb_true_iff, qzero_false in H. rewrite <- !coordinate_ok. intros E. apply H.
  rewrite qadd_ok. destruct t; cbn [sg] in E; rewrite ?qopp_ok; lra.
Qed.

Local Close Scope R_scope.
(** ** The listed subspaces; of a node also which generators fix it *)
Record item := { it_space : subspace; it_points : list (PM.t Q); it_fixing : option (list bool) }.
Definition node_item (m : model) (ls : list (list move)) (L : subspace) : item :=
  let ths := points m L in {| it_space := L; it_points := ths; it_fixing := Some (map (fun l => negb (unfixed ths l)) ls) |}.
Definition other_item (m : model) (L : subspace) : item := {| it_space := L; it_points := points m L; it_fixing := None |}.
(** whatever is true in the first is true in the second *)
Fixpoint implied (a b : list bool) : bool :=
  match a, b with [], _ => true | x :: a', y :: b' => (negb x || y) && implied a' b' | _ :: _, [] => false end.
Definition included (a b : item) : option bool :=
  match it_fixing a, it_fixing b with
  | Some u, Some v => Some (implied v u)
  | _, _ => if existsb (misses (it_space b)) (it_points a) then Some false else if holds (it_space a) (it_space b) then Some true else None
  end.

Fixpoint select {A} (f : list bool) (l : list A) : list A :=
  match f, l with b :: f', a :: l' => if b then a :: select f' l' else select f' l' | _, _ => [] end.
Lemma implied_ok a b : implied a b = true -> forall r, nth r a false = true -> nth r b false = true.
Proof.
  revert b. induction a as [|x a IH]; intros [|y b]; cbn [implied]; intros H [|r] K; try discriminate K; try discriminate H; cbn [nth] in *.
  - rewrite K in H. cbn in H. now apply andb_prop in H.
  - apply (IH b); [now apply andb_prop in H|exact K].
Qed.
Lemma implied_false a b : length a = length b -> implied a b = false -> exists r, nth r a false = true /\ nth r b false = false.
Proof.
  revert b. induction a as [|x a IH]; intros [|y b]; cbn [implied length]; intros E H; try discriminate.
  apply andb_false_iff in H as [H|H].
  - exists 0%nat. cbn [nth]. now destruct x, y.
  - injection E as E. destruct (IH b E H) as (r & H1 & H2). now exists (S r).
Qed.
Lemma in_select {A} (l : list A) : forall f a, In a (select f l) <-> exists r, nth r f false = true /\ nth_error l r = Some a.
Proof.
  induction l as [|x l IH]; intros [|b f] a; cbn [select].
  - split; [easy|]. intros (r & _ & H). now destruct r.
  - split; [easy|]. intros (r & _ & H). now destruct r.
  - split; [easy|]. intros (r & H & _). now destruct r.
  - destruct b; cbn [In]; rewrite IH; split.
    + intros [->|(r & H1 & H2)]; [now exists 0%nat|now exists (S r)].
    + intros ([|r] & H1 & H2); [left; now injection H2|right; now exists r].
    + intros (r & H1 & H2); now exists (S r).
    + intros ([|r] & H1 & H2); [discriminate H1|now exists r].
Qed.

Lemma select_paired {A B} (P : A -> B -> Prop) l l' : Forall2 P l l' -> forall f, Forall2 P (select f l) (select f l').
Proof.
  induction 1 as [|a b l l' H K IH]; intros f; [destruct f; constructor|]. destruct f as [|[|] f]; cbn [select]; [constructor|constructor; auto|apply IH].
Qed.

(** ** Union-find: the space that some moves fix *)
Definition links := (PM.t (N * bool) * PM.t unit)%type.
Definition fuel_of (m : model) : nat := S (N.to_nat (dimension m)).
Definition joined (m : model) (ls : list (list move)) : links := fold_left (fun lz l => fold_left (join (fuel_of m)) l lz) ls (PM.empty _, PM.empty _).
(** a number for the space: of every parameter the first of its class, and the sign, or 0 (only a hint) *)
Definition key_of (m : model) (lz : links) : positive :=
  let base := (2 * dimension m + 2)%N in
  N.succ_pos (snd (fold_left (fun tk p =>
    let (r, s) := root (fst lz) (fuel_of m) p false in
    if is_pivot (snd lz) r then (fst tk, (snd tk * base)%N)
    else let (f, u) := match get_t (fst tk) r with Some fu => fu | None => (p, s) end in
         (PM.add (N.succ_pos r) (f, u) (fst tk), (snd tk * base + 2 * f + (if xorb s u then 3 else 2))%N)) (nrange (dimension m)) (PM.empty (N * bool), 0%N))).
Definition node_table := PM.t item.
Definition fixing_of (a : item) : list bool := match it_fixing a with Some f => f | None => [] end.
Definition table_of_nodes (m : model) (ls : list (list move)) (ns : list item) : node_table :=
  fold_left (fun t a => PM.add (key_of m (joined m (select (fixing_of a) ls))) a t) ns (PM.empty _).
(** the r-th generator does not fix the node with the links [lz]: the intersection is a node *)
Definition meets_in_node (m : model) (t : node_table) (fixing : list bool) (lz : links) (r : nat) (l : list move) : bool :=
  let lz' := fold_left (join (fuel_of m)) l lz in
  match PM.find (key_of m lz') t with
  | Some a => implied fixing (fixing_of a) && nth r (fixing_of a) false && forallb (row_vanishes (fuel_of m) lz') (s_rows (it_space a))
  | None => false
  end.
Fixpoint meets_in_nodes (m : model) (t : node_table) (fixing : list bool) (lz : links) (r : nat) (bits : list bool) (ls : list (list move)) : bool :=
  match bits, ls with
  | b :: bits', l :: ls' => (b || meets_in_node m t fixing lz r l) && meets_in_nodes m t fixing lz (S r) bits' ls'
  | _, _ => true
  end.
(** every node is the intersection of the fixed spaces that contain it; the whole space is one; with each fixed space it meets in a node *)
Definition check_nodes (m : model) (ls : list (list move)) (ns : list item) : bool :=
  forallb (fun a => check_moves m (select (fixing_of a) ls) (it_space a)) ns
  && existsb (fun a => match s_rows (it_space a) with [] => true | _ => false end) ns
  && let t := table_of_nodes m ls ns in
     forallb (fun a => meets_in_nodes m t (fixing_of a) (joined m (select (fixing_of a) ls)) 0 (fixing_of a) ls) ns.

Local Open Scope R_scope.
Section Nodes.
Variable m : model.
Variable gs : list generator.
Variable ls : list (list move).
Hypothesis HG : Forall2 (fun g l => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l ->
  entry theta' q = sg t * entry theta p) gs ls.

Lemma nth_moves r g l : nth_error gs r = Some g -> nth_error ls r = Some l ->
  forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l -> entry theta' q = sg t * entry theta p.
Proof.
  revert r. induction HG as [|g' l' gs' ls' H K IH]; intros [|r]; try discriminate; cbn [nth_error]; [intros [= ->] [= ->]; exact H|now apply (IH K)].
Qed.
Lemma nth_paired r : (exists g, nth_error gs r = Some g) <-> exists l, nth_error ls r = Some l.
Proof.
  revert r. induction HG as [|g' l' gs' ls' H K IH]; intros [|r]; cbn [nth_error]; [split; intros (? & E); discriminate E| |split; eauto|exact (IH K r)].
  split; intros (? & E); discriminate E.
Qed.
Lemma select_moves f theta : all_fix m (select f gs) theta <-> forall l, In l (select f ls) -> forall q p t, In (q, (p, t)) l ->
  entry theta q = sg t * entry theta p.
Proof.
  unfold all_fix. split.
  - intros H l Hl. apply in_select in Hl as (r & B & E). destruct (proj2 (nth_paired r) (ex_intro _ l E)) as (g & Eg).
    apply (nth_moves r g l Eg E). apply H. apply in_select. eauto.
  - intros H g Hg. apply in_select in Hg as (r & B & E). destruct (proj1 (nth_paired r) (ex_intro _ g E)) as (l & El).
    apply (nth_moves r g l E El). apply H. apply in_select. eauto.
Qed.

(** what is known of a node: it is what the marked generators fix, and the others do not fix it *)
Definition node_ok (L : subspace) (f : list bool) : Prop :=
  length f = length gs /\ same (in_subspace L) (all_fix m (select f gs)) /\
  forall r g, nth_error gs r = Some g -> nth r f false = false -> exists theta, in_subspace L theta /\ ~ moves m g theta theta.
Lemma node_item_ok L : check_moves m (select (fixing_of (node_item m ls L)) ls) L = true -> node_ok L (fixing_of (node_item m ls L)).
Proof.
  intros H. set (f := fixing_of (node_item m ls L)) in *. assert (Len := forall2_length _ _ _ HG).
  split; [unfold f, fixing_of, node_item; cbn [it_fixing]; now rewrite map_length|]. split.
  - assert (HS : Forall2 (fun g l => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l -> entry theta' q = sg t * entry theta p)
        (select f gs) (select f ls)).
    { now apply select_paired. }
    assert (K := check_moves_sound m L _ _ HS H). intros theta. exact (K theta).
  - intros r g Hg Hf. destruct (proj1 (nth_paired r) (ex_intro _ g Hg)) as (l & El).
    unfold f, fixing_of, node_item in Hf. cbn [it_fixing] in Hf.
    rewrite (nth_indep _ false (negb (unfixed (points m L) []))) in Hf by (rewrite map_length; apply nth_error_Some; congruence).
    rewrite (map_nth (fun l => negb (unfixed (points m L) l))) in Hf. rewrite (nth_error_nth _ _ _ El) in Hf. apply negb_false_iff, unfixed_ok in Hf.
    destruct Hf as (th & q & p & t & H1 & H2 & H3). exists (real th). split; [now apply (points_in m)|].
    intros Hm. apply H3. now apply (nth_moves r g l Hg El (real th) (real th)).
Qed.
Lemma node_fixed L f r g : node_ok L f -> nth_error gs r = Some g -> nth r f false = true -> forall theta, in_subspace L theta -> moves m g theta theta.
Proof. intros (_ & S & _) Hg Hf theta Hth. apply S in Hth. apply Hth. apply in_select. eauto. Qed.

(** inclusion of nodes *)
Lemma node_inside L f L' f' : node_ok L f -> node_ok L' f' -> implied f' f = true <-> inside L L'.
Proof.
  intros (E & S & U) (E' & S' & U'). split.
  - intros H theta Hth. apply S'. apply S in Hth. intros g Hg. apply Hth. apply in_select in Hg as (r & B & Hr). apply in_select. exists r.
    split; [now apply (implied_ok f' f)|exact Hr].
  - intros H. destruct (implied f' f) eqn:I; [reflexivity|]. destruct (implied_false f' f ltac:(congruence) I) as (r & B & B').
    assert (Hr : exists g, nth_error gs r = Some g).
    { destruct (nth_error gs r) as [g|] eqn:Eg; [eauto|]. apply nth_error_None in Eg. rewrite nth_overflow in B by lia. discriminate. }
    destruct Hr as (g & Hg). destruct (U r g Hg B') as (theta & Hth & Hn). exfalso. apply Hn. apply H, S' in Hth. apply Hth. apply in_select. eauto.
Qed.

Lemma table_of_nodes_in ns k a : PM.find k (table_of_nodes m ls ns) = Some a -> In a ns.
Proof.
  unfold table_of_nodes. assert (G : forall ns t, PM.find k (fold_left (fun t a => PM.add (key_of m (joined m (select (fixing_of a) ls))) a t) ns t) = Some a ->
    In a ns \/ PM.find k t = Some a).
  { clear. induction ns as [|b ns IH]; cbn [fold_left In]; intros t H; [now right|]. apply IH in H as [H|H]; [tauto|].
    destruct (Pos.eq_dec k (key_of m (joined m (select (fixing_of b) ls)))) as [->|D].
    - rewrite PM.gss in H. injection H as ->. tauto.
    - rewrite PM.gso in H by exact D. tauto. }
  intros H. apply G in H as [H|H]; [exact H|]. now rewrite PM.gempty in H.
Qed.
Lemma meets_in_nodes_ok t fixing lz : forall ls' bits r0, meets_in_nodes m t fixing lz r0 bits ls' = true ->
  forall r l, nth r bits true = false -> nth_error ls' r = Some l -> meets_in_node m t fixing lz (r0 + r) l = true.
Proof.
  induction ls' as [|l0 ls' IH]; intros [|b bits] r0; cbn [meets_in_nodes]; intros H [|r] l Hb El; try discriminate El; cbn [nth nth_error] in *;
    try discriminate Hb.
  - subst b. injection El as <-. rewrite Nat.add_0_r. cbn in H. now apply andb_prop in H.
  - apply andb_prop in H as [_ H]. replace (r0 + S r)%nat with (S r0 + r)%nat by lia. now apply (IH bits).
Qed.

Theorem nodes_closed ns : (forall a, In a ns -> exists L, a = node_item m ls L) -> check_nodes m ls ns = true ->
  (forall a, In a ns -> node_ok (it_space a) (fixing_of a)) /\
  forall l, incl l gs -> exists a, In a ns /\ same (in_subspace (it_space a)) (all_fix m l).
Proof.
  intros HI H. unfold check_nodes in H. cbv zeta in H. apply andb_prop in H as [[H1 H2]%andb_prop H3]. rewrite forallb_forall in H1, H3.
  assert (OK : forall a, In a ns -> node_ok (it_space a) (fixing_of a)).
  { intros a Ha. destruct (HI a Ha) as (L & ->). apply node_item_ok. exact (H1 _ Ha). }
  split; [exact OK|]. induction l as [|g l IH]; intros Hl.
  - apply existsb_exists in H2 as (a & Ha & E). exists a. split; [exact Ha|]. intros theta. unfold in_subspace, all_fix.
    destruct (s_rows (it_space a)); [|easy].
    split; intros _ ? [].
  - destruct IH as (a & Ha & Sa); [intros x Hx; apply Hl; now right|]. destruct (In_nth_error gs g) as (r & Hr); [apply Hl; now left|].
    assert (Oa := OK a Ha). destruct (nth r (fixing_of a) false) eqn:B.
    + exists a. split; [exact Ha|]. intros theta. split.
      * intros Hth g' [<-|Hg']; [now apply (node_fixed _ _ r g Oa Hr B)|now apply Sa].
      * intros Hth. apply Sa. intros g' Hg'. apply Hth. now right.
    + specialize (H3 a Ha). destruct (proj1 (nth_paired r) (ex_intro _ g Hr)) as (mv & Em).
      assert (B' : nth r (fixing_of a) true = false).
      { rewrite <- B. apply nth_indep. destruct Oa as (E & _). rewrite E. apply nth_error_Some. congruence. }
      apply (meets_in_nodes_ok _ _ _ _ _ _ H3 r mv B') in Em as K. cbn [Nat.add] in K. unfold meets_in_node in K. cbv zeta in K.
      destruct (PM.find _ _) as [b|] eqn:Eb; [|easy]. apply table_of_nodes_in in Eb. apply andb_prop in K as [[K1 K2]%andb_prop K3].
      exists b. split; [exact Eb|]. assert (Ob := OK b Eb). intros theta. split.
      * intros Hth g' [<-|Hg']; [now apply (node_fixed _ _ r g Ob Hr K2)|].
        assert (Ia : in_subspace (it_space a) theta) by (now apply (proj1 (node_inside _ _ _ _ Ob Oa))). now apply Sa.
      * intros Hth rw Hrw. rewrite forallb_forall in K3. specialize (K3 rw Hrw).
        eapply row_vanishes_ok; [|exact K3]. apply joins_ok.
        -- unfold joined. apply all_joins_ok; [apply no_links|]. apply select_moves. destruct Oa as (_ & S & _). apply S, Sa. intros g' Hg'. apply Hth.
          now right.
        -- intros q p t Hin. apply (nth_moves r g mv Hr Em theta theta); [|exact Hin]. apply Hth. now left.
Qed.

(** inclusion of any two listed subspaces *)
Definition item_ok (a : item) : Prop :=
  (forall th, In th (it_points a) -> in_subspace (it_space a) (real th)) /\
  match it_fixing a with Some f => node_ok (it_space a) f | None => True end.
Lemma included_ok a b r : item_ok a -> item_ok b -> included a b = Some r -> (r = true <-> inside (it_space a) (it_space b)).
Proof.
  intros [Pa Fa] [_ Fb]. unfold included. 
  assert (G : (if existsb (misses (it_space b)) (it_points a) then Some false else if holds (it_space a) (it_space b) then Some true else None) = Some r ->
    (r = true <-> inside (it_space a) (it_space b))).
  { destruct (existsb _ _) eqn:E.
    - intros [= <-]. split; [discriminate|]. intros H. exfalso. apply existsb_exists in E as (th & Hth & E). apply misses_ok in E. apply E, H. now apply Pa.
    - destruct (holds _ _) eqn:K; [|easy]. intros [= <-]. split; [intros _; now apply holds_ok|reflexivity]. }
  destruct (it_fixing a) as [f|]; [|exact G]. destruct (it_fixing b) as [f'|]; [|exact G]. intros [= <-]. now apply node_inside.
Qed.
End Nodes.
