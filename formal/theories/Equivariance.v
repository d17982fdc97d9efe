(** * Signed permutations of the arrays, checked node by node: value(g theta) = A value(theta), without scalars.

    Every check runs over the flat entries of a node, so it costs what one evaluation of the model costs. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Tables of flat signed permutations *)
Definition get_t {A} (t : PM.t A) (i : N) : option A := PM.find (N.succ_pos i) t.
Definition tabulate {A} (l : list A) : PM.t A := of_list 1 l (PM.empty _).
Lemma tabulate_ok {A} (l : list A) i : get_t (tabulate l) i = nth_error l (N.to_nat i).
Proof.
  unfold get_t, tabulate. rewrite of_list_ok, PM.gempty.
  replace (Pos.to_nat (N.succ_pos i) - Pos.to_nat 1)%nat with (N.to_nat i) by (destruct i; simpl; lia).
  destruct (Pos.ltb_spec (N.succ_pos i) 1) as [Hl|_]; [lia|]. cbn [orb].
  destruct (Pos.leb_spec (1 + Pos.of_succ_nat (length l) - 1) (N.succ_pos i)) as [Hl|Hl]; [|reflexivity].
  symmetry. apply nth_error_None. assert (E := N.succ_pos_spec i). lia.
Qed.

Definition monomial_of (a : option action) (n : N) : option (list (N * bool)) :=
  match a with
  | None => Some (map (fun i => (i, false)) (nrange n))
  | Some (Monomial p s) => if (has_length p n && has_length s n && forallb (fun k => N.ltb k n) p)%bool then Some (combine p s) else None
  | Some (Matrix _) => None
  end.
Fixpoint flat_action (shape : list N) (acts : list (option action)) : option (list (N * bool)) :=
  match shape, acts with
  | [], [] => Some [(0%N, false)]
  | n :: s, a :: l =>
    match monomial_of a n, flat_action s l with
    | Some outer, Some inner =>
      let block := size s in
      if has_length inner block then
        Some (flat_map (fun ot => map (fun it => ((fst ot * block + fst it)%N, xorb (snd ot) (snd it))) inner) outer) else None
    | _, _ => None
    end
  | _, _ => None
  end.

Fixpoint number_from {A} (k : N) (l : list A) : list (N * A) := match l with [] => [] | a :: l' => (k, a) :: number_from (N.succ k) l' end.
Definition numbered {A} (l : list A) : list (N * A) := number_from 0 l.
Definition tables := PM.t (PM.t (N * bool)).
Definition look (t : tables) (k i : N) : option (N * bool) := match get_t t k with Some a => get_t a i | None => None end.

(** ** The local rules *)
Section Rules.
Variable m : model.
Variable known : text -> list fact.
Variable tabs : tables.
Definition same_entry (o : option (N * bool)) (p : N) (t : bool) : bool :=
  match o with Some (q, u) => N.eqb q p && Bool.eqb u t | None => false end.
Fixpoint enumerate_by (letters : list (ascii * N)) (orders : list (list N)) (e : env) : list env :=
  match letters, orders with
  | (c, _) :: l, o :: orders' => flat_map (fun k => enumerate_by l orders' ((c, k) :: e)) o
  | _, _ => [e]
  end.
Fixpoint factors_moved (ops : list (N * (text * list N))) (e e' : env) (sign : bool) : option bool :=
  match ops with
  | [] => Some sign
  | (a, (term, shape)) :: ops' =>
    match look tabs a (flat term shape e 0) with
    | Some (p, t) => if N.eqb p (flat term shape e' 0) then factors_moved ops' e e' (xorb sign t) else None
    | None => None
    end
  end.
(** the permutation of a letter: that of the first argument it stands in *)
Fixpoint axis_of (c : ascii) (term : text) (acts : list (option action)) : option (option action) :=
  match term, acts with
  | d :: t, a :: l => if Ascii.eqb c d then Some a else axis_of c t l
  | _, _ => None
  end.
Definition order_of (acts : N -> list (option action)) (args : list N) (terms : list text) (cn : ascii * N) : list N :=
  let found := fold_left (fun o at_ => match o with Some _ => o | None => axis_of (fst cn) (snd at_) (acts (fst at_)) end)
    (combine args terms) None in
  match found with Some (Some (Monomial p _)) => p | _ => nrange (snd cn) end.

Definition signs_ok (a : N) (entries : list (N * (N * bool))) (good : bool -> bool -> bool) : bool :=
  forallb (fun e => match look tabs a (fst e) with Some (_, t) => good t (snd (snd e)) | None => false end) entries.
Definition node_rule (acts : N -> list (option action)) (n : node) (own : list (N * bool)) : bool :=
  has_length own (size (shape_of n)) &&
  let entries := numbered own in
  match n with
  | NParameter _ _ | NStack _ _ | NInput _ _ => true
  | NConstant _ values =>
    let tv := tabulate values in
    forallb (fun e : N * (N * bool) => match get_t tv (fst e), get_t tv (fst (snd e)) with
      | Some a, Some b => qeqb a (if snd (snd e) then qopp b else b) | _, _ => false end) entries
  | NAdd _ args => forallb (fun e : N * (N * bool) => forallb (fun a => same_entry (look tabs a (fst e)) (fst (snd e)) (snd (snd e))) args) entries
  | NContract s args terms out =>
    let shapes := List.map (shape_at m) args in
    let letters := summed terms shapes out in
    let ops := combine args (combine terms shapes) in
    let orders := List.map (order_of acts args terms) letters in
    same_list (fun o l => permutation_ok o && has_length o (snd l)) orders letters
    && forallb (fun e : N * (N * bool) => same_list (fun x y => match factors_moved ops x y false with Some t => Bool.eqb t (snd (snd e)) | None => false end)
         (enumerate letters (unflat out s (fst e))) (enumerate_by letters orders (unflat out s (fst (snd e))))) entries
  | NGather _ a ix =>
    let ti := tabulate ix in
    forallb (fun e : N * (N * bool) => match get_t ti (fst e), get_t ti (fst (snd e)) with
      | Some None, Some None => true
      | Some (Some k), Some (Some k') => same_entry (look tabs a k) k' (snd (snd e))
      | _, _ => false end) entries
  | NScatter _ a ix =>
    let ti := tabulate ix in
    let to := tabulate own in
    let js := nrange (size (shape_at m a)) in
    has_length ix (size (shape_at m a))
    && permutation_ok (map fst own)
    && permutation_ok (map (fun j => match look tabs a j with Some (p, _) => p | None => 0%N end) js)
    && forallb (fun j => match look tabs a j with
      | Some (p, t) => match get_t ti j, get_t ti p with
        | Some None, Some None => true
        | Some (Some k), Some (Some k') => same_entry (get_t to k) k' t
        | _, _ => false end
      | None => false end) js
  | NApply _ a f o =>
    N.eqb o 0
    && forallb (fun e : N * (N * bool) => match look tabs a (fst e) with Some (p, _) => N.eqb p (fst (snd e)) | None => false end) entries
    && (has (known f) Odd && signs_ok a entries Bool.eqb || has (known f) Even && signs_ok a entries (fun _ u => negb u)
        || signs_ok a entries (fun t u => negb t && negb u))
  end.
End Rules.

(** actions of a node: of the claim's generator on leaves, else those of the proof *)
Definition leaf_b (n : node) : bool := match n with NParameter _ _ | NStack _ _ => true | _ => false end.
Definition acts_of (m : model) (g : generator) (extra : node_actions) (n : node) (k : N) : list (option action) :=
  actions_at (g_actions g) (if leaf_b n then g_nodes g else extra) (shape_of n) k.
Fixpoint nodes_rule (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) (l : list node) (k : N) (tabs : tables) : option tables :=
  match l with
  | [] => Some tabs
  | n :: l' =>
    match flat_action (shape_of n) (acts_of m g extra n k) with
    | Some own =>
      if node_rule m known tabs (fun a => acts_of m g extra (node_at m a) a) n own
      then nodes_rule m known g extra l' (N.succ k) (PM.add (N.succ_pos k) (tabulate own) tabs) else None
    | None => None
    end
  end.
Definition entries_fixed (tabs : tables) (k n : N) : bool := forallb (fun i => same_entry (look tabs k i) i false) (nrange n).
Definition output_fixed (m : model) (tabs : tables) : bool := forallb (fun o => entries_fixed tabs o (size (shape_at m o))) (m_outputs m).
Definition input_fixed (m : model) (tabs : tables) : bool :=
  forallb (fun kn => match snd kn with NInput s _ => entries_fixed tabs (fst kn) (size s) | _ => true end) (numbered (m_nodes m)).
(** neither inputs nor outputs move *)
Definition ends_fixed (m : model) (tabs : tables) : bool := input_fixed m tabs && output_fixed m tabs.

(** where the generator sends every parameter *)
Definition leaf_moves (m : model) (tabs : tables) : list (N * (N * bool)) :=
  flat_map (fun kn => if leaf_b (snd kn) then
      map (fun i => (leaf_index m (snd kn) i,
        match look tabs (fst kn) i with Some (p, t) => (leaf_index m (snd kn) p, t) | None => (0%N, false) end))
        (nrange (size (shape_of (snd kn))))
    else []) (numbered (m_nodes m)).
Definition moves_table (l : list (N * (N * bool))) : PM.t (N * bool) := fold_left (fun t e => PM.add (N.succ_pos (fst e)) (snd e) t) l (PM.empty _).
Definition leaves_ok (m : model) (tabs : tables) : bool :=
  let l := leaf_moves m tabs in
  let t := moves_table l in
  permutation_ok (map fst l) && has_length l (dimension m) && permutation_ok (map (fun e => fst (snd e)) l)
  && forallb (fun e => same_entry (get_t t (fst e)) (fst (snd e)) (snd (snd e))) l
  && forallb (fun kn => negb (leaf_b (snd kn)) || permutation_ok (map (fun i => match look tabs (fst kn) i with Some (p, _) => p | None => 0%N end)
       (nrange (size (shape_of (snd kn)))))) (numbered (m_nodes m)).

(** inputs and outputs may move too *)
Definition check_moving (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) : option tables :=
  match nodes_rule m known g extra (m_nodes m) 0 (PM.empty _) with
  | Some tabs => if leaves_ok m tabs then Some tabs else None
  | None => None
  end.
Definition check_equivariance (m : model) (known : text -> list fact) (g : generator) (extra : node_actions) : option tables :=
  match check_moving m known g extra with
  | Some tabs => if ends_fixed m tabs then Some tabs else None
  | None => None
  end.
Lemma equivariance_moving m known g extra tabs : check_equivariance m known g extra = Some tabs ->
  check_moving m known g extra = Some tabs /\ ends_fixed m tabs = true.
Proof.
  unfold check_equivariance. destruct (check_moving m known g extra) as [t|]; [|easy]. destruct (ends_fixed m t) eqn:E; [|easy].
  intros [= <-]. auto.
Qed.

(** ** Soundness *)
Local Open Scope R_scope.
Definition sg (t : bool) : R := if t then -1 else 1.
Lemma sg_xorb a b : sg (xorb a b) = sg a * sg b.
Proof. destruct a, b; simpl; ring. Qed.
Lemma sg_sg a : sg a * sg a = 1.
Proof. destruct a; simpl; ring. Qed.

Lemma length_n_ok {A} (l : list A) : length_n l = N.of_nat (length l).
Proof.
  unfold length_n. assert (H : forall l k, fold_left (fun n (_ : A) => N.succ n) l k = (k + N.of_nat (length l))%N).
  { induction l0; intros k; cbn [fold_left length]; [lia|]. rewrite IHl0. lia. }
  rewrite H. lia.
Qed.
Lemma has_length_ok {A} (l : list A) n : has_length l n = true -> N.of_nat (length l) = n.
Proof. unfold has_length. rewrite length_n_ok. apply N.eqb_eq. Qed.
Lemma upto_length n : length (upto n) = N.to_nat n.
Proof. unfold upto. now rewrite map_length, seq_length. Qed.
Lemma upto_nodup n : NoDup (upto n).
Proof. unfold upto. apply FinFun.Injective_map_NoDup; [intros a b; lia|apply seq_NoDup]. Qed.
Lemma permutation_ok_spec l : permutation_ok l = true -> Permutation l (upto (N.of_nat (length l))).
Proof.
  unfold permutation_ok. rewrite length_n_ok, nrange_ok. intros H. apply andb_prop in H as [_ H]. rewrite forallb_forall in H.
  assert (S : forall l0 t i, is_pivot (fold_left (fun s k => PM.add (N.succ_pos k) tt s) l0 t) i = true -> In i l0 \/ is_pivot t i = true).
  { induction l0 as [|a l0 IH]; cbn [fold_left]; intros t i Hi; [auto|]. apply IH in Hi as [Hi|Hi]; [left; now right|].
    unfold is_pivot in *. destruct (N.eq_dec i a) as [->|D]; [left; now left|].
    rewrite PM.gso in Hi by (intros K; apply D; now apply succ_pos_inj). auto. }
  symmetry. apply NoDup_Permutation_bis; [apply upto_nodup|rewrite upto_length; lia|].
  intros i Hi. apply H in Hi. apply S in Hi as [Hi|Hi]; [exact Hi|]. unfold is_pivot in Hi. now rewrite PM.gempty in Hi.
Qed.
Lemma rsum_perm {A} (f : A -> R) l l' : Permutation l l' -> rsum f l = rsum f l'.
Proof. unfold rsum. induction 1; cbn [map fold_right]; try lra. Qed.
Lemma rsum_map {A B} (f : B -> R) (g : A -> B) l : rsum f (map g l) = rsum (fun a => f (g a)) l.
Proof. unfold rsum. now rewrite map_map. Qed.
Lemma rsum_app {A} (f : A -> R) l l' : rsum f (l ++ l') = rsum f l + rsum f l'.
Proof. unfold rsum. rewrite map_app, fold_right_app. induction (map f l); cbn [fold_right]; [ring|]. rewrite IHl0. ring. Qed.
Lemma rsum_scal {A} (f : A -> R) c l : rsum (fun a => c * f a) l = c * rsum f l.
Proof. unfold rsum. induction l; cbn [map fold_right]; [ring|]. rewrite IHl. ring. Qed.
Lemma in_number_from {A} : forall (l : list A) k i a, In (i, a) (number_from k l) <-> (k <= i)%N /\ nth_error l (N.to_nat i - N.to_nat k) = Some a.
Proof.
  induction l as [|b l IH]; intros k i a; cbn [number_from In].
  - split; [easy|]. intros [_ H]. now destruct (_ - _)%nat.
  - rewrite IH. split.
    + intros [[= -> ->]|[H1 H2]]; [split; [lia|now rewrite Nat.sub_diag]|]. split; [lia|].
      replace (N.to_nat i - N.to_nat k)%nat with (S (N.to_nat i - N.to_nat (N.succ k))) by lia. exact H2.
    + intros [H1 H2]. destruct (N.eq_dec k i) as [->|D].
      * left. rewrite Nat.sub_diag in H2. now injection H2 as ->.
      * right. split; [lia|].
        replace (N.to_nat i - N.to_nat k)%nat with (S (N.to_nat i - N.to_nat (N.succ k))) in H2 by lia. exact H2.
Qed.
Lemma in_numbered {A} (l : list A) i a : In (i, a) (numbered l) <-> nth_error l (N.to_nat i) = Some a.
Proof. unfold numbered. rewrite in_number_from, Nat.sub_0_r. split; [tauto|]. intros H. split; [lia|exact H]. Qed.
Lemma same_entry_ok o p t : same_entry o p t = true -> o = Some (p, t).
Proof.
  unfold same_entry. destruct o as [[q u]|]; [|easy]. intros H. apply andb_prop in H as [H1 H2].
  apply N.eqb_eq in H1. apply eqb_prop in H2. now subst.
Qed.
Lemma same_list_ok {A B} (f : A -> B -> bool) l l' : same_list f l l' = true -> Forall2 (fun a b => f a b = true) l l'.
Proof.
  revert l'; induction l as [|a l IH]; destruct l' as [|b l']; cbn; intros H; try discriminate; [constructor|].
  apply andb_prop in H as [H1 H2]. constructor; auto.
Qed.

(** *** Kronecker products of signed permutations *)
Lemma monomial_entry a n l i o t : monomial_of a n = Some l -> nth_error l (N.to_nat i) = Some (o, t) ->
  (o < n)%N /\ forall j, action_entry a i j = if N.eqb o j then sg t else 0.
Proof.
  destruct a as [[p s|]|]; cbn [monomial_of]; [|easy|].
  - destruct (has_length p n && has_length s n && forallb (fun k => N.ltb k n) p)%bool eqn:H; [|easy].
    apply andb_prop in H as [[H1 H2]%andb_prop H3]. apply has_length_ok in H1, H2. intros [= <-] Hn.
    assert (G : forall (p : list N) (s : list bool) k, length p = length s -> nth_error (combine p s) k = Some (o, t) ->
      nth_error p k = Some o /\ nth_error s k = Some t).
    { clear. induction p as [|a p IH]; destruct s as [|b s]; intros [|k]; cbn; try easy.
      - intros _ [= -> ->]. auto.
      - intros [= L]. now apply IH. }
    apply G in Hn as [Hp Hs]; [|lia]. split.
    + rewrite forallb_forall in H3. apply N.ltb_lt, H3. eapply nth_error_In, Hp.
    + intros j. cbn [action_entry]. unfold at_. rewrite (nth_error_nth _ _ _ Hp), (nth_error_nth _ _ _ Hs). reflexivity.
  - intros [= <-]. rewrite nrange_ok. intros Hn.
    assert (Hl : (N.to_nat i < length (map (fun i => (i, false)) (upto n)))%nat) by (apply nth_error_Some; congruence).
    rewrite map_length, upto_length in Hl.
    rewrite (map_nth_error _ _ _ (nth_error_upto n i ltac:(lia))) in Hn. injection Hn as <- <-.
    split; [lia|]. intros j. reflexivity.
Qed.
Lemma nth_flat_map {A B} (f : A -> list B) (n : nat) : forall l, (forall a, In a l -> length (f a) = n) -> forall i1 i2, (i2 < n)%nat ->
  nth_error (flat_map f l) (i1 * n + i2) = match nth_error l i1 with Some a => nth_error (f a) i2 | None => None end.
Proof.
  induction l as [|a l IH]; intros H i1 i2 Hi; cbn [flat_map].
  - destruct (i1 * n + i2)%nat; now destruct i1.
  - assert (Ha := H a (or_introl eq_refl)). destruct i1 as [|i1]; cbn [nth_error].
    + rewrite nth_error_app1 by lia. reflexivity.
    + rewrite nth_error_app2 by lia. replace (S i1 * n + i2 - length (f a))%nat with (i1 * n + i2)%nat by lia.
      apply IH; [intros; apply H; now right|exact Hi].
Qed.
(** an entry of a product of two actions, the second of [b] entries *)
Lemma product_entry (outer inner : list (N * bool)) b i p t : N.of_nat (length inner) = b ->
  nth_error (flat_map (fun ot : N * bool => map (fun it : N * bool => ((fst ot * b + fst it)%N, xorb (snd ot) (snd it))) inner) outer) (N.to_nat i) = Some (p, t) ->
  (b <> 0)%N /\ (i mod b < b)%N /\ exists o to q2 t2, nth_error outer (N.to_nat (i / b)) = Some (o, to) /\ nth_error inner (N.to_nat (i mod b)) = Some (q2, t2) /\
  p = (o * b + q2)%N /\ t = xorb to t2.
Proof.
  intros Hl Hi. assert (Hb : (b <> 0)%N).
  { intros Z. rewrite Z in Hl. destruct inner; [|simpl in Hl; lia]. clear -Hi.
    assert (flat_map (fun ot : N * bool => map (fun it : N * bool => ((fst ot * b + fst it)%N, xorb (snd ot) (snd it))) []) outer = []) as E
      by (induction outer; auto). rewrite E in Hi. now destruct (N.to_nat i). }
  assert (Ei' : N.to_nat i = (N.to_nat (i / b) * length inner + N.to_nat (i mod b))%nat).
  { assert (i = b * (i / b) + i mod b)%N by (apply N.div_mod'; lia). lia. }
  assert (Hm : (i mod b < b)%N) by (apply N.mod_lt; exact Hb).
  rewrite Ei', nth_flat_map in Hi; [|intros; apply map_length|lia].
  destruct (nth_error outer (N.to_nat (i / b))) as [[o to]|]; [|easy].
  rewrite nth_error_map in Hi. destruct (nth_error inner (N.to_nat (i mod b))) as [[q2 t2]|]; [|easy].
  cbn [option_map fst snd] in Hi. injection Hi as <- <-. split; [exact Hb|]. split; [exact Hm|]. now exists o, to, q2, t2.
Qed.
Lemma flat_action_ok : forall shape acts l, flat_action shape acts = Some l ->
  N.of_nat (length l) = size shape /\
  forall i q t, nth_error l (N.to_nat i) = Some (q, t) ->
    (q < size shape)%N /\ forall j, (j < size shape)%N -> kronecker shape acts i j = if N.eqb q j then sg t else 0.
Proof.
  induction shape as [|n s IH]; destruct acts as [|a acts]; cbn [flat_action]; intros l H; try easy.
  - injection H as <-. split; [reflexivity|]. intros i q t Hi. change (size []) with 1%N.
    destruct (N.to_nat i) as [|k]; [|destruct k; discriminate]. injection Hi as <- <-. split; [lia|].
    intros j Hj. assert (j = 0%N) as -> by lia. reflexivity.
  - destruct (monomial_of a n) as [outer|] eqn:Eo; [|easy]. destruct (flat_action s acts) as [inner|] eqn:Ei; [|easy].
    destruct (has_length inner (size s)) eqn:Hl; [|easy]. injection H as <-. apply has_length_ok in Hl.
    destruct (IH acts inner Ei) as [_ IH']. set (b := size s) in *. change (size (n :: s)) with (n * b)%N.
    assert (Lo : N.of_nat (length outer) = n).
    { clear -Eo. destruct a as [[p s|]|]; cbn [monomial_of] in Eo; [|easy|].
      - destruct (has_length p n && has_length s n && _)%bool eqn:H; [|easy]. apply andb_prop in H as [[H1 H2]%andb_prop _].
        apply has_length_ok in H1, H2. injection Eo as <-. rewrite combine_length. lia.
      - injection Eo as <-. rewrite map_length, nrange_ok, upto_length. lia. }
    split.
    { rewrite <- Lo, <- Hl. clear. induction outer as [|a outer IH]; cbn [flat_map length]; [lia|].
      rewrite app_length, map_length. lia. }
    intros i q t Hi. destruct (product_entry outer inner b i q t Hl Hi) as (Hb & Hm & o & to & q2 & t2 & E1 & E2 & -> & ->).
    destruct (monomial_entry _ _ _ _ _ _ Eo E1) as [B1 K1]. destruct (IH' _ _ _ E2) as [B2 K2].
    split; [nia|]. intros j Hj. cbn [kronecker]. fold b. rewrite K1, K2 by (apply N.mod_lt; exact Hb).
    assert (Hq : N.eqb (o * b + q2) j = (N.eqb o (j / b) && N.eqb q2 (j mod b))%bool).
    { apply eq_true_iff_eq. rewrite andb_true_iff, !N.eqb_eq. split.
      - intros <-. split.
        + symmetry. rewrite N.add_comm, N.div_add by exact Hb. rewrite (N.div_small q2) by exact B2. lia.
        + rewrite N.add_comm, N.mod_add by exact Hb. now rewrite N.mod_small.
      - intros [-> ->]. rewrite N.mul_comm. symmetry. apply N.div_mod'. }
    rewrite Hq. destruct (N.eqb o (j / b)), (N.eqb q2 (j mod b)); cbn [andb]; rewrite ?sg_xorb; ring.
Qed.
Lemma rsum_single (f : N -> R) c q n : (q < n)%N -> rsum (fun j => (if N.eqb q j then c else 0) * f j) (upto n) = c * f q.
Proof.
  intros H. assert (G : forall l, NoDup l -> In q l -> rsum (fun j => (if N.eqb q j then c else 0) * f j) l = c * f q).
  { induction l as [|a l IH]; intros Hn Hi; [easy|]. inversion Hn; subst. unfold rsum in *; cbn [map fold_right].
    destruct (N.eqb_spec q a) as [->|D].
    - assert (Z : fold_right Rplus 0 (map (fun j => (if N.eqb a j then c else 0) * f j) l) = 0); [|rewrite Z; ring].
      clear -H2. induction l as [|b l IH]; cbn [map fold_right]; [reflexivity|].
      destruct (N.eqb_spec a b) as [->|D]; [exfalso; apply H2; now left|]. rewrite IH; [ring|]. intros K; apply H2; now right.
    - destruct Hi as [->|Hi]; [easy|]. rewrite IH by assumption. ring. }
  apply G; [apply upto_nodup|now apply in_upto].
Qed.

Lemma flat_action_sum shape acts own i p t (f : N -> R) : flat_action shape acts = Some own -> nth_error own (N.to_nat i) = Some (p, t) ->
  rsum (fun j => kronecker shape acts i j * f j) (upto (size shape)) = sg t * f p.
Proof.
  intros F1 Hi. destruct (flat_action_ok _ _ _ F1) as [_ K]. destruct (K _ _ _ Hi) as [Hp K'].
  rewrite <- (rsum_single f (sg t) p (size shape) Hp). apply rsum_ext. intros j Hj. apply in_upto in Hj. now rewrite K'.
Qed.

(** *** The local rules: values *)
Definition known_ok (known : text -> list fact) (sigma : text -> R -> R) : Prop := forall f,
  (has (known f) Odd = true -> forall t, sigma f (- t) = - sigma f t) /\ (has (known f) Even = true -> forall t, sigma f (- t) = sigma f t).

Lemma enumerate_by_ok letters orders : Forall2 (fun o l => Permutation o (upto (snd l))) orders letters ->
  forall f e, rsum f (enumerate_by letters orders e) = rsum f (enumerate letters e).
Proof.
  assert (FM : forall A B (f : B -> R) (g : A -> list B) l, rsum f (flat_map g l) = rsum (fun a => rsum f (g a)) l).
  { intros A B f g l. induction l as [|a l IH]; cbn [flat_map]; [reflexivity|]. rewrite rsum_app, IH. reflexivity. }
  induction 1 as [|o [c n] orders letters H K IH]; intros f e; cbn [enumerate_by enumerate snd]; [reflexivity|].
  rewrite !FM, nrange_ok. rewrite (rsum_perm _ _ _ H). apply rsum_ext. intros k _. apply IH.
Qed.

(** what is given: parameters and inputs *)
Definition is_given (n : node) : Prop := match n with NInput _ _ => True | _ => is_leaf n end.
Definition given_value (m : model) (theta x : vec) (n : node) (i : N) : R :=
  match n with NInput _ name => entry x (offset (m_inputs m) name + i) | _ => entry theta (leaf_index m n i) end.

Section Step.
Variable m : model.
Variable known : text -> list fact.
Variable sigma : text -> R -> R.
Hypothesis Hk : known_ok known sigma.
Variables theta theta' x x' : vec.
Variable tabs : tables.
Variables v v' : N -> arr.
Hypothesis Hv : forall k i p t, look tabs k i = Some (p, t) -> v' k i = sg t * v k p.

Lemma factors_moved_ok ops e e' : forall s u, factors_moved tabs ops e e' s = Some u ->
  sg s * rprod (fun at_s => v' (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops
  = sg u * rprod (fun at_s => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e' 0)) ops.
Proof.
  induction ops as [|[a [term shape]] ops IH]; intros s u; cbn [factors_moved].
  - now intros [= ->].
  - destruct (look tabs a (flat term shape e 0)) as [[p t]|] eqn:El; [|easy].
    destruct (N.eqb_spec p (flat term shape e' 0)) as [->|]; [|easy]. intros H. apply IH in H.
    unfold rprod in *. cbn [map fold_right fst snd]. rewrite (Hv _ _ _ _ El). rewrite sg_xorb in H.
    transitivity (v a (flat term shape e' 0) * (sg s * sg t * fold_right Rmult 1 (map (fun at_s => v' (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops))); [ring|].
    rewrite H. ring.
Qed.

Lemma node_rule_ok acts n own : node_rule m known tabs acts n own = true ->
  (is_given n -> forall i p t, nth_error own (N.to_nat i) = Some (p, t) -> given_value m theta' x' n i = sg t * given_value m theta x n p) ->
  forall i p t, nth_error own (N.to_nat i) = Some (p, t) ->
  node_value m sigma theta' x' v' n i = sg t * node_value m sigma theta x v n p.
Proof.
  unfold node_rule. cbv zeta. intros H Hleaf i p t Hi. apply andb_prop in H as [HL H].
  assert (Hin := proj2 (in_numbered own i (p, t)) Hi).
  destruct n as [s name|s names|s name|s values|s args|s args terms out|s a ix|s a ix|s a f o]; cbn [shape_of is_leaf] in *.
  - cbn [node_value]. now apply Hleaf.
  - cbn [node_value]. now apply Hleaf.
  - cbn [node_value]. now apply Hleaf.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite !tabulate_ok in H.
    destruct (nth_error values (N.to_nat i)) as [a|] eqn:Ea; [|easy]. destruct (nth_error values (N.to_nat p)) as [b|] eqn:Eb; [|easy].
    cbn [node_value]. unfold at_. rewrite (nth_error_nth _ _ _ Ea), (nth_error_nth _ _ _ Eb), (qeqb_ok _ _ H).
    destruct t; cbn [sg]; rewrite ?qopp_ok; ring.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite forallb_forall in H.
    cbn [node_value]. rewrite <- rsum_scal. apply rsum_ext. intros a Ha. apply Hv. now apply same_entry_ok, H.
  - apply andb_prop in H as [Ho H]. rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H.
    set (shapes := map (shape_at m) args) in *. set (letters := summed terms shapes out) in *. set (ops := combine args (combine terms shapes)) in *.
    cbn [node_value]. fold shapes letters ops. rewrite !enumerate_ok.
    assert (Hp : Forall2 (fun o l => Permutation o (upto (snd l))) (map (order_of acts args terms) letters) letters).
    { apply same_list_ok in Ho. clear -Ho. induction Ho as [|o l lo ll H K IH]; constructor; [|exact IH].
      apply andb_prop in H as [H1 H2]. apply has_length_ok in H2. rewrite <- H2. now apply permutation_ok_spec. }
    rewrite <- (enumerate_by_ok letters _ Hp _ (unflat out s p)). clear Hp.
    apply same_list_ok in H. rewrite <- rsum_scal.
    induction H as [|e e' l l' H K IH]; [reflexivity|]. unfold rsum in *. cbn [map fold_right]. rewrite IH. f_equal.
    destruct (factors_moved tabs ops e e' false) as [u|] eqn:Eu; [|easy]. apply eqb_prop in H as ->.
    apply factors_moved_ok in Eu. cbn [sg] in Eu. rewrite Rmult_1_l in Eu. exact Eu.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite !tabulate_ok in H. cbn [node_value]. unfold at_.
    destruct (nth_error ix (N.to_nat i)) as [[k|]|] eqn:Ea; [| |easy]; (destruct (nth_error ix (N.to_nat p)) as [[k'|]|] eqn:Eb; [| |easy]); try easy;
      rewrite (nth_error_nth _ _ _ Ea), (nth_error_nth _ _ _ Eb); [|ring].
    apply Hv. now apply same_entry_ok.
  - apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4]. rewrite nrange_ok in *. rewrite forallb_forall in H4.
    cbn [node_value]. set (n := size (shape_at m a)) in *.
    set (pa := fun j => match look tabs a j with Some (q, _) => q | None => 0%N end) in *.
    assert (Pa : Permutation (map pa (upto n)) (upto n)).
    { apply permutation_ok_spec in H3. now rewrite map_length, upto_length, N2Nat.id in H3. }
    rewrite <- (rsum_perm (fun j => match at_ ix j None with Some k => if N.eqb k p then v a j else 0 | None => 0 end) _ _ Pa), rsum_map, <- rsum_scal. apply rsum_ext. intros j Hj. specialize (H4 j Hj).
    unfold pa. destruct (look tabs a j) as [[q u]|] eqn:El; [|easy]. rewrite !tabulate_ok in H4. unfold at_.
    destruct (nth_error ix (N.to_nat j)) as [[k|]|] eqn:Ea; [| |easy]; (destruct (nth_error ix (N.to_nat q)) as [[k'|]|] eqn:Eb; [| |easy]); try easy;
      rewrite (nth_error_nth _ _ _ Ea), (nth_error_nth _ _ _ Eb); [|ring].
    apply same_entry_ok in H4. rewrite tabulate_ok in H4.
    assert (Inj : N.eqb k i = N.eqb k' p).
    { apply eq_true_iff_eq. rewrite !N.eqb_eq. split; [intros ->; congruence|]. intros ->.
      apply permutation_ok_spec in H2. assert (ND : NoDup (map fst own)) by (eapply Permutation_NoDup; [symmetry; exact H2|apply upto_nodup]).
      assert (N.to_nat k = N.to_nat i); [|lia]. rewrite NoDup_nth_error in ND. apply ND.
      - rewrite map_length. apply nth_error_Some. congruence.
      - rewrite !nth_error_map, H4, Hi. reflexivity. }
    cbv beta iota. rewrite Inj. destruct (N.eqb_spec k' p) as [->|]; [|ring].
    apply N.eqb_eq in Inj as ->. rewrite Hi in H4. injection H4 as <-. now apply Hv.
  - apply andb_prop in H as [[H1 H2]%andb_prop H3]. apply N.eqb_eq in H1 as ->. cbn [node_value N.to_nat Derive_n].
    rewrite forallb_forall in H2. specialize (H2 _ Hin). cbn [fst snd] in H2.
    destruct (look tabs a i) as [[q u]|] eqn:El; [|easy]. apply N.eqb_eq in H2 as ->. rewrite (Hv _ _ _ _ El).
    assert (G : forall good, signs_ok tabs a (numbered own) good = true -> good u t = true).
    { intros good Hg. unfold signs_ok in Hg. rewrite forallb_forall in Hg. specialize (Hg _ Hin). cbn [fst snd] in Hg. now rewrite El in Hg. }
    destruct (Hk f) as [K1 K2].
    apply orb_prop in H3 as [[H3|H3]%orb_prop|H3].
    + apply andb_prop in H3 as [Hf Hs]. apply G, eqb_prop in Hs as ->. destruct t; cbn [sg]; [|rewrite !Rmult_1_l; reflexivity].
      replace (-1 * v a p) with (- v a p) by ring. rewrite K1 by exact Hf. ring.
    + apply andb_prop in H3 as [Hf Hs]. apply G, negb_true_iff in Hs as ->. cbn [sg]. rewrite Rmult_1_l. destruct u; cbn [sg]; [|now rewrite Rmult_1_l].
      replace (-1 * v a p) with (- v a p) by ring. now apply K2.
    + apply G in H3. apply andb_prop in H3 as [A1 A2]. apply negb_true_iff in A1 as ->. apply negb_true_iff in A2 as ->. cbn [sg]. now rewrite !Rmult_1_l.
Qed.
End Step.

(** *** All nodes *)
Section Nodes.
Variable m : model.
Variable known : text -> list fact.
Variable g : generator.
Variable extra : node_actions.
Lemma look_add tabs k own j i : look (PM.add (N.succ_pos k) (tabulate own) tabs) j i =
  if N.eqb j k then nth_error own (N.to_nat i) else look tabs j i.
Proof.
  unfold look, get_t at 1 3. destruct (N.eqb_spec j k) as [->|D].
  - rewrite PM.gss. apply tabulate_ok.
  - rewrite PM.gso by (intros K; apply D; now apply succ_pos_inj). reflexivity.
Qed.

Lemma nodes_rule_tables : forall l k tabs tabs', nodes_rule m known g extra l k tabs = Some tabs' ->
  (forall j i, (j < k)%N -> look tabs' j i = look tabs j i) /\
  forall j n, nth_error l j = Some n -> exists own, flat_action (shape_of n) (acts_of m g extra n (k + N.of_nat j)) = Some own /\
    forall i, look tabs' (k + N.of_nat j) i = nth_error own (N.to_nat i).
Proof.
  induction l as [|n l IH]; cbn [nodes_rule]; intros k tabs tabs' H.
  - injection H as <-. split; [reflexivity|]. intros [|]; discriminate.
  - destruct (flat_action (shape_of n) (acts_of m g extra n k)) as [own|] eqn:Ef; [|easy].
    destruct (node_rule m known tabs _ n own) eqn:Er; [|easy]. apply IH in H as [H1 H2]. split.
    + intros j i Hj. rewrite H1 by lia. rewrite look_add. destruct (N.eqb_spec j k); [lia|reflexivity].
    + intros [|j] n' Hn; cbn [nth_error] in Hn.
      * injection Hn as <-. exists own. rewrite N.add_0_r. split; [exact Ef|]. intros i. rewrite H1 by lia. rewrite look_add, N.eqb_refl. reflexivity.
      * destruct (H2 j n' Hn) as (own' & F1 & F2). exists own'. replace (k + N.of_nat (S j))%N with (N.succ k + N.of_nat j)%N by lia. auto.
Qed.

Lemma nodes_rule_values sigma theta theta' x x' : known_ok known sigma ->
  forall l k tabs tabs' v v', nodes_rule m known g extra l k tabs = Some tabs' ->
  (forall j n, nth_error l j = Some n -> is_given n -> forall own, flat_action (shape_of n) (acts_of m g extra n (k + N.of_nat j)) = Some own ->
     forall i p t, nth_error own (N.to_nat i) = Some (p, t) -> given_value m theta' x' n i = sg t * given_value m theta x n p) ->
  (forall j i p t, look tabs j i = Some (p, t) -> v' j i = sg t * v j p) ->
  forall j i p t, look tabs' j i = Some (p, t) -> run m sigma theta' x' l k v' j i = sg t * run m sigma theta x l k v j p.
Proof.
  intros Hk. induction l as [|n l IH]; cbn [nodes_rule run]; intros k tabs tabs' v v' H Hl Hv.
  - injection H as <-. exact Hv.
  - destruct (flat_action (shape_of n) (acts_of m g extra n k)) as [own|] eqn:Ef; [|easy].
    destruct (node_rule m known tabs _ n own) eqn:Er; [|easy].
    apply (IH (N.succ k) _ tabs' (fun j => if N.eqb j k then node_value m sigma theta x v n else v j)
      (fun j => if N.eqb j k then node_value m sigma theta' x' v' n else v' j) H).
    + intros j n' Hn Hleaf own'. replace (N.succ k + N.of_nat j)%N with (k + N.of_nat (S j))%N by lia. now apply Hl.
    + intros j i p t. rewrite look_add. destruct (N.eqb_spec j k) as [->|D]; [|apply Hv].
      apply (node_rule_ok m known sigma Hk theta theta' x x' tabs v v' Hv _ n own Er).
      intros Hleaf i0 p0 t0. apply (Hl 0%nat n eq_refl Hleaf own). now rewrite N.add_0_r.
Qed.
End Nodes.
