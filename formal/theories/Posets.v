(** * Covering relations of an order on numbered things, checked from a table of the order. *)
From Coq Require Import List Arith NArith Bool Lia FMapPositive Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Sets of numbers *)
Definition set_of (l : list N) : PM.t unit := fold_left (fun s k => PM.add (N.succ_pos k) tt s) l (PM.empty _).
Lemma set_of_ok l k : is_pivot (set_of l) k = true <-> In k l.
Proof.
  assert (G : forall l s, is_pivot (fold_left (fun s k => PM.add (N.succ_pos k) tt s) l s) k = true <-> In k l \/ is_pivot s k = true).
  { clear. induction l as [|j l IH]; cbn [fold_left In]; intros s; [tauto|]. rewrite IH. unfold is_pivot.
    destruct (N.eq_dec k j) as [->|D].
    - rewrite PM.gss. tauto.
    - rewrite PM.gso by (intros K; apply D; now apply succ_pos_inj). assert (j <> k) by congruence. tauto. }
  unfold set_of. rewrite G. unfold is_pivot. rewrite PM.gempty. assert (false <> true) by discriminate. tauto.
Qed.

(** ** The table: for every number j the list and the set of the numbers below it *)
Record downset := { d_list : list N; d_set : PM.t unit }.
Definition table := PM.t downset.
Definition is_below (t : table) (i j : N) : bool := match get_t t j with Some r => is_pivot (d_set r) i | None => false end.
Definition all_below (t : table) (j : N) : list N := match get_t t j with Some r => d_list r | None => [] end.

Section Build.
Context {A : Type}.
Variable relation : A -> A -> option bool.
(** the numbers of those, other than the j-th, that are below it; [None] if one relation is not known *)
Fixpoint row_of_table (items : list (N * A)) (j : N) (a : A) : option (list N) :=
  match items with
  | [] => Some []
  | (i, b) :: items' =>
    if N.eqb i j then row_of_table items' j a
    else match relation b a, row_of_table items' j a with
         | Some true, Some l => Some (i :: l) | Some false, Some l => Some l | _, _ => None end
  end.
Fixpoint table_from (items todo : list (N * A)) : option table :=
  match todo with
  | [] => Some (PM.empty _)
  | (j, a) :: todo' =>
    match row_of_table items j a, table_from items todo' with
    | Some l, Some t => Some (PM.add (N.succ_pos j) {| d_list := l; d_set := set_of l |} t)
    | _, _ => None
    end
  end.
Definition table_of (l : list A) : option table := let items := numbered l in table_from items items.

Lemma row_of_table_ok items j a l : row_of_table items j a = Some l -> forall i b, In (i, b) items -> i <> j ->
  exists r, relation b a = Some r /\ (r = true -> In i l).
Proof.
  revert l. induction items as [|[i0 b0] items IH]; cbn [row_of_table In]; intros l H i b Hin D; [easy|].
  destruct (N.eqb_spec i0 j) as [->|D0].
  - destruct Hin as [[= -> ->]|Hin]; [easy|]. exact (IH l H i b Hin D).
  - destruct (relation b0 a) as [[|]|] eqn:E; try discriminate; destruct (row_of_table items j a) as [l0|]; try discriminate; injection H as <-.
    + destruct Hin as [[= -> ->]|Hin]; [exists true; split; [exact E|now left]|]. destruct (IH _ eq_refl i b Hin D) as (r & H1 & H2).
      exists r. split; [exact H1|]. intros H. right. now apply H2.
    + destruct Hin as [[= -> ->]|Hin]; [exists false; split; [exact E|discriminate]|]. exact (IH _ eq_refl i b Hin D).
Qed.
Lemma row_of_table_in items j a l : row_of_table items j a = Some l -> forall i, In i l -> i <> j /\ exists b, In (i, b) items /\ relation b a = Some true.
Proof.
  revert l. induction items as [|[i0 b0] items IH]; cbn [row_of_table In]; intros l H i Hi; [injection H as <-; easy|].
  destruct (N.eqb_spec i0 j) as [->|D0].
  - destruct (IH l H i Hi) as (D & b & H1 & H2). eauto.
  - destruct (relation b0 a) as [[|]|] eqn:E; try discriminate; destruct (row_of_table items j a) as [l0|]; try discriminate; injection H as <-.
    + destruct Hi as [<-|Hi]; [eauto|]. destruct (IH _ eq_refl i Hi) as (D & b & H1 & H2). eauto.
    + destruct (IH _ eq_refl i Hi) as (D & b & H1 & H2). eauto.
Qed.
Lemma table_from_ok items todo t : NoDup (map fst todo) -> table_from items todo = Some t -> forall j a, In (j, a) todo ->
  exists l, row_of_table items j a = Some l /\ get_t t j = Some {| d_list := l; d_set := set_of l |}.
Proof.
  revert t. induction todo as [|[j0 a0] todo IH]; cbn [table_from map fst In]; intros t ND H j a Hin; [easy|].
  inversion ND as [|? ? N1 N2]; subst. destruct (row_of_table items j0 a0) as [l0|] eqn:E; [|easy]. destruct (table_from items todo) as [t0|] eqn:Et; [|easy].
  injection H as <-. unfold get_t. destruct Hin as [[= -> ->]|Hin].
  - exists l0. split; [exact E|apply PM.gss].
  - destruct (IH t0 N2 eq_refl j a Hin) as (l & H1 & H2). exists l. split; [exact H1|]. rewrite PM.gso; [exact H2|].
    intros K. apply succ_pos_inj in K as ->. apply N1. apply in_map_iff. exists (j0, a). auto.
Qed.
Lemma numbered_nodup (l : list A) : NoDup (map fst (numbered l)).
Proof.
  assert (G : forall l k, NoDup (map fst (number_from k l)) /\ forall i (a : A), In (i, a) (number_from k l) -> (k <= i)%N).
  { clear. induction l as [|a l IH]; cbn [number_from map fst In]; intros k; [split; [constructor|easy]|]. destruct (IH (N.succ k)) as [I1 I2]. split.
    - constructor; [|exact I1]. intros H. apply in_map_iff in H as ([i b] & E & H). apply I2 in H. cbn [fst] in E. lia.
    - intros i b [[= <- <-]|H]; [lia|]. apply I2 in H. lia. }
  apply G.
Qed.
Theorem table_of_ok l t : table_of l = Some t -> forall i j a b, nth_error l (N.to_nat i) = Some a -> nth_error l (N.to_nat j) = Some b -> i <> j ->
  exists r, relation a b = Some r /\ (is_below t i j = r) /\ (In i (all_below t j) <-> is_below t i j = true).
Proof.
  unfold table_of. intros H i j a b Ha Hb D. apply in_numbered in Ha, Hb.
  destruct (table_from_ok _ _ _ (numbered_nodup l) H j b Hb) as (ls & R1 & R2). unfold is_below, all_below. rewrite R2. cbn [d_list d_set].
  destruct (row_of_table_ok _ _ _ _ R1 i a Ha D) as (r & H1 & H2). exists r. split; [exact H1|]. rewrite set_of_ok. split; [|reflexivity].
  destruct r; [apply set_of_ok; now apply H2|]. destruct (is_pivot (set_of ls) i) eqn:E; [|reflexivity].
  apply set_of_ok, (row_of_table_in _ _ _ _ R1) in E as (_ & a' & H3 & H4).
  apply in_numbered in Ha, H3. rewrite Ha in H3. injection H3 as <-. congruence.
Qed.
End Build.

(** ** Edges *)
Definition into (edges : list (N * N)) (j : N) : list N := map fst (filter (fun e => N.eqb (snd e) j) edges).
Lemma in_into edges i j : In i (into edges j) <-> In (i, j) edges.
Proof.
  unfold into. rewrite in_map_iff. split.
  - intros ([i' j'] & <- & H). apply filter_In in H as [H E]. cbn [fst snd] in *. apply N.eqb_eq in E as ->. exact H.
  - intros H. exists (i, j). split; [reflexivity|]. apply filter_In. split; [exact H|apply N.eqb_refl].
Qed.
(** no two are below each other; edges are relations of the order, those into one number are an antichain, and all that is below it is below one of them *)
Definition check_edges (t : table) (n : N) (edges : list (N * N)) : bool :=
  forallb (fun e => N.ltb (fst e) n && N.ltb (snd e) n && negb (N.eqb (fst e) (snd e)) && is_below t (fst e) (snd e)) edges
  && forallb (fun j =>
       let es := into edges j in
       forallb (fun i => negb (is_below t j i)) (all_below t j)
       && forallb (fun i => forallb (fun k => N.eqb i k || negb (is_below t i k)) es) es
       && forallb (fun i => existsb (fun k => N.eqb i k || is_below t i k) es) (all_below t j)) (nrange n).

Theorem check_edges_ok t size below edges :
  (forall i j, (i < size)%nat -> (j < size)%nat -> i <> j -> (is_below t (N.of_nat i) (N.of_nat j) = true <-> below i j) /\
     (In (N.of_nat i) (all_below t (N.of_nat j)) <-> is_below t (N.of_nat i) (N.of_nat j) = true)) ->
  (forall i j k, (i < size)%nat -> (j < size)%nat -> (k < size)%nat -> below i j -> below j k -> below i k) ->
  check_edges t (N.of_nat size) edges = true ->
  covers size below edges /\ forall i j, (i < size)%nat -> (j < size)%nat -> i <> j -> below i j -> ~ below j i.
Proof.
  intros HT Trans H. unfold check_edges in H. apply andb_prop in H as [H1 H2]. rewrite nrange_ok in H2. rewrite forallb_forall in H1, H2.
  assert (Each : forall j, (j < size)%nat -> let es := into edges (N.of_nat j) in
    (forall i, (i < size)%nat -> i <> j -> below i j -> ~ below j i) /\
    (forall i k, (i < size)%nat -> (k < size)%nat -> In (N.of_nat i) es -> In (N.of_nat k) es -> i <> k -> ~ below i k) /\
    (forall i, (i < size)%nat -> i <> j -> below i j -> exists k, (k < size)%nat /\ In (N.of_nat k, N.of_nat j) edges /\ (i = k \/ i <> k /\ below i k))).
  { intros j Hj es. specialize (H2 (N.of_nat j)). assert (Hin : In (N.of_nat j) (upto (N.of_nat size))) by (apply in_upto; lia). specialize (H2 Hin).
    cbv zeta in H2. apply andb_prop in H2 as [[A B]%andb_prop C]. rewrite forallb_forall in A, B, C. split; [|split].
    - intros i Hi D Hb Hb'. destruct (HT i j Hi Hj D) as [T1 T2]. apply T1, T2 in Hb. apply A in Hb. apply negb_true_iff in Hb.
      destruct (HT j i Hj Hi (fun K => D (eq_sym K))) as [T3 _]. apply T3 in Hb'. congruence.
    - intros i k Hi Hk Ei Ek D Hb. specialize (B _ Ei). rewrite forallb_forall in B. specialize (B _ Ek).
      apply orb_prop in B as [B|B]; [apply N.eqb_eq in B; lia|]. apply negb_true_iff in B. destruct (HT i k Hi Hk D) as [T1 _]. apply T1 in Hb. congruence.
    - intros i Hi D Hb. destruct (HT i j Hi Hj D) as [T1 T2]. apply T1, T2 in Hb. apply C in Hb. apply existsb_exists in Hb as (k & Hk & E).
      apply in_into in Hk. assert (K := H1 _ Hk). cbn [fst snd] in K. apply andb_prop in K as [[[K1 _]%andb_prop _]%andb_prop _]. apply N.ltb_lt in K1.
      exists (N.to_nat k). rewrite N2Nat.id. split; [lia|]. split; [exact Hk|]. destruct (Nat.eq_dec i (N.to_nat k)) as [E1|D1]; [now left|right].
      split; [exact D1|]. apply orb_prop in E as [E|E]; [apply N.eqb_eq in E; lia|]. destruct (HT i (N.to_nat k) Hi ltac:(lia) D1) as [T3 _].
      apply T3. now rewrite N2Nat.id. }
  split; [|intros i j Hi Hj D; now apply (Each j Hj)].
  intros i j. split.
  - intros Hin. assert (K := H1 _ Hin). cbn [fst snd] in K. apply andb_prop in K as [[[K1 K2]%andb_prop K3]%andb_prop K4].
    apply N.ltb_lt in K1, K2. apply negb_true_iff, N.eqb_neq in K3. assert (Hi : (i < size)%nat) by lia. assert (Hj : (j < size)%nat) by lia.
    assert (D : i <> j) by congruence. destruct (HT i j Hi Hj D) as [T1 T2]. destruct (Each j Hj) as (A & B & C).
    split; [exact Hi|]. split; [exact Hj|]. split; [exact D|]. split; [now apply T1|]. intros k Hk Di Dj Hik Hkj.
    destruct (C k Hk Dj Hkj) as (k' & Hk' & He & [<-|[Dk Hkk']]).
    + apply (B i k Hi Hk); [apply in_into; exact Hin|apply in_into; exact He|congruence|exact Hik].
    + destruct (Nat.eq_dec i k') as [<-|D'].
      * destruct (Each k Hk) as (A' & _). now apply (A' i Hi (fun K => Di (eq_sym K))).
      * apply (B i k' Hi Hk'); [now apply in_into|now apply in_into|exact D'|]. now apply (Trans i k k').
  - intros (Hi & Hj & D & Hb & Hno). destruct (Each j Hj) as (_ & _ & C). destruct (C i Hi D Hb) as (k & Hk & He & [->|[Dk Hik]]); [exact He|].
    exfalso. assert (K := H1 _ He). cbn [fst snd] in K. apply andb_prop in K as [[[_ K2]%andb_prop K3]%andb_prop K4]. apply negb_true_iff, N.eqb_neq in K3.
    assert (Dkj : k <> j) by congruence. apply (Hno k Hk (fun K => Dk (eq_sym K)) Dkj Hik). now apply (HT k j Hk Hj Dkj).
Qed.

(** ** Sorted lists of numbers; different items *)
Fixpoint insert (a : N) (l : list N) : list N := match l with [] => [a] | b :: l' => if N.leb a b then a :: l else b :: insert a l' end.
Definition sorted (l : list N) : list N := fold_right insert [] l.
Lemma insert_swap a b l : insert a (insert b l) = insert b (insert a l).
Proof.
  induction l as [|c l IH]; cbn [insert].
  - destruct (N.leb_spec a b), (N.leb_spec b a); try lia; try reflexivity. now replace a with b by lia.
  - destruct (N.leb_spec b c), (N.leb_spec a c); cbn [insert]; destruct (N.leb_spec a b), (N.leb_spec b a); cbn [insert]; try lia;
      repeat match goal with |- context [N.leb ?x ?y] => destruct (N.leb_spec x y); try lia end; try reflexivity; try (now replace a with b by lia);
        now rewrite IH.
Qed.
Lemma sorted_perm l l' : Permutation l l' -> sorted l = sorted l'.
Proof.
  induction 1 as [|a l l' H IH|a b l|l1 l2 l3 _ IH1 _ IH2]; cbn [sorted fold_right]; [reflexivity|unfold sorted in IH;
    now rewrite IH|apply insert_swap|congruence].
Qed.
Lemma nodup_map {A B} (f : A -> B) l : (forall x y, In x l -> In y l -> f x = f y -> x = y) -> NoDup l -> NoDup (map f l).
Proof.
  intros H N. induction N as [|a l Ha N IH]; cbn [map]; constructor.
  - intros K. apply in_map_iff in K as (b & E & Hb). apply H in E; [subst; contradiction|now right|now left].
  - apply IH. intros x y Hx Hy. apply H; now right.
Qed.
Lemma distinct_nth {A} (eqb : A -> A -> bool) l : distinct eqb l = true -> (forall a, eqb a a = true) -> forall i j a, nth_error l i = Some a ->
  nth_error l j = Some a -> i = j.
Proof.
  intros H R. induction l as [|b l IH]; intros [|i] [|j] a; cbn [nth_error]; try discriminate; [reflexivity| | |]; cbn [distinct] in H;
    apply andb_prop in H as [H1 H2];
    apply negb_true_iff in H1.
  - intros [= ->] Hj. exfalso. rewrite <- not_true_iff_false in H1. apply H1, existsb_exists. exists a. split; [now apply nth_error_In in Hj|apply R].
  - intros Hi [= ->]. exfalso. rewrite <- not_true_iff_false in H1. apply H1, existsb_exists. exists a. split; [now apply nth_error_In in Hi|apply R].
  - intros Hi Hj. f_equal. now apply (IH H2 i j a).
Qed.
