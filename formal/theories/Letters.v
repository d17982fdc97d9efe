(** * Contractions checked letter by letter: linear in the entries of the arguments, whatever the number of products.

    All axes with one letter carry one permutation, and the product of the signs over the arguments is the sign of the output's axis,
    or 1 where the letter is summed. This rule implies the rule of Equivariance.v, which goes through all products, so what
    Symmetric.v proves of that rule holds for this one. *)
From Coq Require Import List ZArith NArith QArith Ascii Bool Lia FMapPositive Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** The rule *)
(** a letter with the signed permutation of an axis where it stands *)
Definition axis := (ascii * list (N * bool))%type.
Fixpoint axes_of (term : text) (shape : list N) (acts : list (option action)) : option (list axis) :=
  match term, shape, acts with
  | [], [], [] => Some []
  | c :: t, n :: s, a :: l =>
    match monomial_of a n, axes_of t s l with Some x, Some o => Some ((c, x) :: o) | _, _ => None end
  | _, _, _ => None
  end.
Definition operand := (N * (text * list N))%type.
Fixpoint axes_of_all (acts : N -> list (option action)) (ops : list operand) : option (list axis) :=
  match ops with
  | [] => Some []
  | (a, (term, shape)) :: ops' =>
    match axes_of term shape (acts a), axes_of_all acts ops' with Some o, Some o' => Some (o ++ o') | _, _ => None end
  end.
Definition is_letter (c : ascii) (x : axis) : bool := Ascii.eqb c (fst x).
Fixpoint xors (a b : list bool) : list bool :=
  match a, b with x :: a', y :: b' => xorb x y :: xors a' b' | _, _ => [] end.
(** one letter: [l] is the first of its axes *)
Definition letter_ok (l : list (N * bool)) (group : list axis) : bool :=
  permutation_ok (map fst l)
  && forallb (fun x : axis => same_list N.eqb (map fst (snd x)) (map fst l)) group
  && forallb negb (fold_right (fun (x : axis) s => xors (map snd (snd x)) s) (map (fun _ => false) l) group).
Fixpoint letters_ok (fuel : nat) (o : list axis) : bool :=
  match o, fuel with
  | [], _ => true
  | (c, l) :: _, S k => letter_ok l (filter (is_letter c) o) && letters_ok k (filter (fun x => negb (is_letter c x)) o)
  | _, O => false
  end.
(** [mine]: the actions of the node itself *)
Definition contract_rule (m : model) (tabs : tables) (acts : N -> list (option action)) (mine : list (option action))
    (s : list N) (args : list N) (terms : list text) (out : text) : bool :=
  forallb (fun a => match get_t tabs a with Some _ => true | None => false end) args
  && distinct Ascii.eqb out
  && match axes_of_all acts (combine args (combine terms (map (shape_at m) args))), axes_of out s mine with
     | Some la, Some lo => letters_ok (length la + length lo) (la ++ lo)
     | _, _ => false
     end.

(** ** Letters *)
Definition sign_at (l : list (N * bool)) (d : N) : bool := match nth_error l (N.to_nat d) with Some (_, u) => u | None => false end.
Fixpoint total (o : list axis) (e : env) : bool :=
  match o with [] => false | x :: o' => xorb (sign_at (snd x) (letter_index e (fst x))) (total o' e) end.
Definition related (o : list axis) (e e' : env) : Prop :=
  forall c l, In (c, l) o -> exists u, nth_error l (N.to_nat (letter_index e c)) = Some (letter_index e' c, u).

Lemma total_app o o' e : total (o ++ o') e = xorb (total o e) (total o' e).
Proof. induction o as [|x o IH]; cbn [app total]; [now destruct (total o' e)|]. rewrite IH. now rewrite xorb_assoc. Qed.
Lemma total_ext o e e' : (forall c l, In (c, l) o -> letter_index e c = letter_index e' c) -> total o e = total o e'.
Proof.
  induction o as [|[c l] o IH]; cbn [total fst snd]; intros H; [reflexivity|].
  rewrite (H c l (or_introl eq_refl)), IH; [reflexivity|]. intros; eapply H; right; eassumption.
Qed.
Lemma total_filter (p : axis -> bool) o e : total o e = xorb (total (filter p o) e) (total (filter (fun x => negb (p x)) o) e).
Proof.
  induction o as [|x o IH]; cbn [total filter]; [reflexivity|]. destruct (p x); cbn [negb total]; rewrite IH.
  - now rewrite xorb_assoc.
  - rewrite <- !xorb_assoc. f_equal. apply xorb_comm.
Qed.
Lemma same_numbers a b : same_list N.eqb a b = true -> a = b.
Proof. intros H. apply same_list_ok in H. induction H as [|x y a b E H IH]; [reflexivity|]. apply N.eqb_eq in E. congruence. Qed.
Lemma xors_nth : forall a b d u w, nth_error a d = Some u -> nth_error b d = Some w -> nth_error (xors a b) d = Some (xorb u w).
Proof.
  induction a as [|x a IH]; intros [|y b] [|d] u w; cbn; try easy; [now intros [= ->] [= ->]|apply IH].
Qed.

Lemma letters_ok_same : forall fuel o, letters_ok fuel o = true -> forall c l l', In (c, l) o -> In (c, l') o ->
  map fst l = map fst l' /\ permutation_ok (map fst l) = true.
Proof.
  induction fuel as [|k IH]; intros [|[c0 l0] o] H c l l' Hl Hl'; try easy.
  cbn [letters_ok] in H. apply andb_prop in H as [H1 H2]. unfold letter_ok in H1. apply andb_prop in H1 as [[P Q]%andb_prop _].
  rewrite forallb_forall in Q.
  destruct (Ascii.eqb_spec c0 c) as [->|D].
  - assert (G : forall x, In (c, x) ((c, l0) :: o) -> map fst x = map fst l0).
    { intros x Hx. apply same_numbers. apply (Q (c, x)). apply filter_In. split; [exact Hx|]. unfold is_letter. apply Ascii.eqb_refl. }
    rewrite (G l Hl), (G l' Hl'). auto.
  - apply (IH _ H2 c l l'); apply filter_In; (split; [assumption|]); unfold is_letter; cbn [fst];
      (destruct (Ascii.eqb_spec c0 c); [contradiction|reflexivity]).
Qed.
Lemma letters_ok_total : forall fuel o e, letters_ok fuel o = true ->
  (forall c l, In (c, l) o -> (N.to_nat (letter_index e c) < length l)%nat) -> total o e = false.
Proof.
  induction fuel as [|k IH]; intros [|[c0 l0] o] e H Hr; try easy.
  cbn [letters_ok] in H. apply andb_prop in H as [H1 H2]. set (all := (c0, l0) :: o) in *.
  rewrite (total_filter (is_letter c0)). rewrite (IH _ e H2); [|intros c l Hl; apply Hr; now apply filter_In in Hl].
  rewrite xorb_false_r. clear IH H2. unfold letter_ok in H1. apply andb_prop in H1 as [[_ Q]%andb_prop H1].
  assert (Hd : (N.to_nat (letter_index e c0) < length l0)%nat) by (apply Hr; now left).
  assert (G : forall group : list axis, (forall x, In x group -> fst x = c0 /\ length (snd x) = length l0) ->
    nth_error (fold_right (fun (x : axis) s => xors (map snd (snd x)) s) (map (fun _ => false) l0) group) (N.to_nat (letter_index e c0))
      = Some (total group e)).
  { induction group as [|[c l] group IHg]; intros Hg; cbn [fold_right total].
    - destruct (nth_error l0 (N.to_nat (letter_index e c0))) as [z|] eqn:E; [|apply nth_error_None in E; lia].
      now rewrite nth_error_map, E.
    - destruct (Hg _ (or_introl eq_refl)) as [Ec El]. cbn [fst snd] in Ec, El. subst c. cbn [fst snd].
      apply xors_nth; [|apply IHg; intros; apply Hg; now right].
      rewrite nth_error_map. unfold sign_at. destruct (nth_error l (N.to_nat (letter_index e c0))) as [[q u]|] eqn:E; [reflexivity|].
      apply nth_error_None in E. lia. }
  rewrite forallb_forall in H1. specialize (H1 (total (filter (is_letter c0) all) e)).
  assert (K : negb (total (filter (is_letter c0) all) e) = true).
  { apply H1. eapply nth_error_In. apply G. intros [c l] Hx. cbn [fst snd]. rewrite forallb_forall in Q. specialize (Q _ Hx).
    apply same_numbers in Q. apply (f_equal (@length N)) in Q. rewrite !map_length in Q. split; [|exact Q].
    apply filter_In in Hx as [_ Hx]. unfold is_letter in Hx. now apply Ascii.eqb_eq in Hx. }
  now apply negb_true_iff in K.
Qed.

(** ** Axes and flat entries *)
Lemma monomial_length a n l : monomial_of a n = Some l -> N.of_nat (length l) = n.
Proof.
  destruct a as [[p s|]|]; cbn [monomial_of]; [|easy|].
  - destruct (has_length p n && has_length s n && _) eqn:H; [|easy]. apply andb_prop in H as [[H1 H2]%andb_prop _].
    apply has_length_ok in H1, H2. intros [= <-]. rewrite combine_length. lia.
  - intros [= <-]. rewrite map_length, nrange_ok, upto_length. lia.
Qed.
Lemma flat_from : forall term shape acts o e k, axes_of term shape acts = Some o ->
  flat term shape e k = (k * size shape + flat term shape e 0)%N.
Proof.
  induction term as [|c t IH]; intros [|n s] [|a acts] o e k H; try easy; cbn [flat].
  - change (size []) with 1%N. lia.
  - cbn [axes_of] in H. destruct (monomial_of a n); [|easy]. destruct (axes_of t s acts) as [o'|] eqn:Eo; [|easy].
    rewrite (IH s acts o' e (k * n + letter_index e c)%N Eo), (IH s acts o' e (0 * n + letter_index e c)%N Eo).
    change (size (n :: s)) with (n * size s)%N. lia.
Qed.
Lemma axes_flat : forall term shape acts o own e e', axes_of term shape acts = Some o -> flat_action shape acts = Some own -> related o e e' ->
  nth_error own (N.to_nat (flat term shape e 0)) = Some (flat term shape e' 0, total o e).
Proof.
  induction term as [|c t IH]; intros [|n s] [|a acts] o own e e' Ho Hf Hr; try easy.
  - cbn in Ho, Hf. injection Ho as <-. injection Hf as <-. reflexivity.
  - cbn [axes_of] in Ho. cbn [flat_action] in Hf. destruct (monomial_of a n) as [outer|] eqn:Em; [|easy].
    destruct (axes_of t s acts) as [o'|] eqn:Eo; [|easy]. injection Ho as <-.
    destruct (flat_action s acts) as [inner|] eqn:Ei; [|easy]. destruct (has_length inner (size s)) eqn:Hl; [|easy].
    apply has_length_ok in Hl. injection Hf as <-.
    assert (Hr' : related o' e e') by (intros c' l' H'; apply Hr; now right).
    specialize (IH s acts o' inner e e' Eo Ei Hr').
    destruct (Hr c outer (or_introl eq_refl)) as [u Hu].
    cbn [flat]. rewrite (flat_from t s acts o' e _ Eo), (flat_from t s acts o' e' (0 * n + letter_index e' c)%N Eo).
    assert (Hlt : (N.to_nat (flat t s e 0) < length inner)%nat) by (apply nth_error_Some; congruence).
    replace (N.to_nat ((0 * n + letter_index e c) * size s + flat t s e 0))
      with (N.to_nat (letter_index e c) * length inner + N.to_nat (flat t s e 0))%nat by lia.
    rewrite nth_flat_map by (auto; intros; apply map_length). rewrite Hu, nth_error_map, IH. cbn [option_map fst snd total].
    unfold sign_at. rewrite Hu. do 2 f_equal.
Qed.
Lemma axes_letters : forall term shape acts o c l, axes_of term shape acts = Some o -> In (c, l) o ->
  exists n, In (c, n) (combine term shape) /\ N.of_nat (length l) = n.
Proof.
  induction term as [|c0 t IH]; intros [|n s] [|a acts] o c l Ho Hl; try easy.
  - injection Ho as <-. easy.
  - cbn [axes_of] in Ho. destruct (monomial_of a n) as [x|] eqn:Em; [|easy]. destruct (axes_of t s acts) as [o'|] eqn:Eo; [|easy].
    injection Ho as <-. destruct Hl as [[= -> ->]|Hl].
    + exists n. split; [now left|]. now apply monomial_length in Em.
    + destruct (IH s acts o' c l Eo Hl) as (n' & H1 & H2). exists n'. split; [now right|exact H2].
Qed.
Lemma letters_axes : forall term shape acts o c n, axes_of term shape acts = Some o -> In (c, n) (combine term shape) ->
  exists l, In (c, l) o /\ N.of_nat (length l) = n.
Proof.
  induction term as [|c0 t IH]; intros [|n0 s] [|a acts] o c n Ho Hl; try easy.
  cbn [axes_of] in Ho. destruct (monomial_of a n0) as [x|] eqn:Em; [|easy]. destruct (axes_of t s acts) as [o'|] eqn:Eo; [|easy].
  injection Ho as <-. destruct Hl as [[= -> ->]|Hl].
  - exists x. split; [now left|]. now apply monomial_length in Em.
  - destruct (IH s acts o' c n Eo Hl) as (l & H1 & H2). exists l. split; [now right|exact H2].
Qed.
Lemma axes_term term shape acts o c l : axes_of term shape acts = Some o -> In (c, l) o -> existsb (Ascii.eqb c) term = true.
Proof.
  intros Ho Hl. destruct (axes_letters _ _ _ _ _ _ Ho Hl) as (n & H & _). apply existsb_exists. exists c.
  split; [now apply in_combine_l in H|apply Ascii.eqb_refl].
Qed.
Lemma letter_index_skip c d k e : Ascii.eqb c d = false -> letter_index ((d, k) :: e) c = letter_index e c.
Proof. cbn [letter_index]. now intros ->. Qed.
(** the entry of the output and its image *)
Lemma axes_unflat : forall out s acts lo own i p t, axes_of out s acts = Some lo -> flat_action s acts = Some own -> distinct Ascii.eqb out = true ->
  nth_error own (N.to_nat i) = Some (p, t) -> related lo (unflat out s i) (unflat out s p) /\ total lo (unflat out s i) = t.
Proof.
  induction out as [|c out IH]; intros [|n s] [|a acts] lo own i p t Ho Hf Hd Hi; try easy.
  - injection Ho as <-. injection Hf as <-. split; [intros c l []|]. cbn [total].
    destruct (N.to_nat i) as [|[|k]]; cbn in Hi; congruence.
  - cbn [axes_of] in Ho. cbn [flat_action] in Hf. destruct (monomial_of a n) as [outer|] eqn:Em; [|easy].
    destruct (axes_of out s acts) as [o'|] eqn:Eo; [|easy]. injection Ho as <-.
    destruct (flat_action s acts) as [inner|] eqn:Ei; [|easy]. destruct (has_length inner (size s)) eqn:Hl; [|easy].
    apply has_length_ok in Hl. injection Hf as <-. cbn [distinct] in Hd. apply andb_prop in Hd as [Hc Hd]. apply negb_true_iff in Hc.
    set (b := size s) in *.
    destruct (product_entry outer inner b i p t Hl Hi) as (Hb & Hm & q1 & t1 & q2 & t2 & E1 & E2 & Hp & Ht). symmetry in Hp, Ht.
    destruct (proj2 (flat_action_ok _ _ _ Ei) _ _ _ E2) as [B2 _]. fold b in B2.
    assert (P1 : (p / b = q1)%N) by (rewrite <- Hp, N.add_comm, N.div_add by exact Hb; rewrite (N.div_small q2) by exact B2; lia).
    assert (P2 : (p mod b = q2)%N) by (rewrite <- Hp, N.add_comm, N.mod_add by exact Hb; now rewrite N.mod_small).
    destruct (IH s acts o' inner (i mod b)%N q2 t2 Eo Ei Hd E2) as [R T]. cbn [unflat]. fold b. rewrite P1, P2.
    assert (Ne : forall c' l', In (c', l') o' -> Ascii.eqb c' c = false).
    { intros c' l' H'. apply (axes_term _ _ _ _ _ _ Eo) in H'. destruct (Ascii.eqb_spec c' c) as [->|]; [congruence|reflexivity]. }
    split.
    + intros c' l' [[= <- <-]|H'].
      * exists t1. cbn [letter_index]. now rewrite Ascii.eqb_refl.
      * rewrite !letter_index_skip by (eapply Ne; eassumption). now apply R.
    + cbn [total fst snd letter_index]. rewrite Ascii.eqb_refl. unfold sign_at. rewrite E1.
      rewrite (total_ext o' _ (unflat out s (i mod b))), T; [exact Ht|].
      intros c' l' H'. apply letter_index_skip. eapply Ne; eassumption.
Qed.

(** ** The environments of the products, pairwise *)
Lemma nth_error_pairs {A} (l : list A) : Forall2 (fun k a => nth_error l (N.to_nat k) = Some a) (upto (N.of_nat (length l))) l.
Proof.
  unfold upto. rewrite Nat2N.id.
  assert (G : forall (r pre : list A), Forall2 (fun k a => nth_error (pre ++ r) (N.to_nat k) = Some a) (map N.of_nat (seq (length pre) (length r))) r).
  { induction r as [|a r IH]; intros pre; cbn [length seq map]; constructor.
    - rewrite Nat2N.id, nth_error_app2, Nat.sub_diag by lia. reflexivity.
    - specialize (IH (pre ++ [a])). rewrite app_length, Nat.add_1_r, <- app_assoc in IH. exact IH. }
  exact (G l []).
Qed.
Lemma forall2_flat_map {A B C D} (P : A -> B -> Prop) (Q : C -> D -> Prop) f g l l' :
  Forall2 P l l' -> (forall a b, P a b -> Forall2 Q (f a) (g b)) -> Forall2 Q (flat_map f l) (flat_map g l').
Proof. induction 1 as [|a b l l' H K IH]; intros G; cbn [flat_map]; [constructor|]. apply Forall2_app; auto. Qed.

Lemma forall2_weaken {A B} (P Q : A -> B -> Prop) l l' : (forall a b, P a b -> Q a b) -> Forall2 P l l' -> Forall2 Q l l'.
Proof. induction 2; constructor; auto. Qed.

Definition related_but (letters : list (ascii * N)) (o : list axis) (e e' : env) : Prop :=
  forall c l, In (c, l) o -> occurs c letters = false -> exists u, nth_error l (N.to_nat (letter_index e c)) = Some (letter_index e' c, u).
Lemma enumerate_related o : forall letters orders,
  Forall2 (fun ord cn => N.of_nat (length ord) = snd cn /\ forall l, In (fst cn, l) o -> map fst l = ord) orders letters ->
  forall e e', related_but letters o e e' ->
  Forall2 (fun f f' => related o f f' /\ forall c, occurs c letters = false -> letter_index f c = letter_index e c)
    (enumerate letters e) (enumerate_by letters orders e').
Proof.
  induction 1 as [|ord [c n] orders letters [Hn Ho] H IH]; intros e e' Hr; cbn [enumerate enumerate_by].
  - constructor; [|constructor]. split; [|reflexivity]. intros c l Hl. now apply Hr.
  - cbn [fst snd] in *. rewrite nrange_ok, <- Hn. eapply forall2_flat_map; [apply nth_error_pairs|]. intros k k' Hk.
    assert (Hr' : related_but letters o ((c, k) :: e) ((c, k') :: e')).
    { intros c2 l2 H2 Hocc. cbn [letter_index]. destruct (Ascii.eqb_spec c2 c) as [->|D].
      - specialize (Ho l2 H2). rewrite <- Ho, nth_error_map in Hk. destruct (nth_error l2 (N.to_nat k)) as [[q u]|]; [|easy].
        cbn in Hk. injection Hk as ->. eauto.
      - apply Hr; [exact H2|]. unfold occurs in *. cbn [existsb fst]. destruct (Ascii.eqb_spec c2 c); [contradiction|exact Hocc]. }
    specialize (IH _ _ Hr'). eapply forall2_weaken; [|exact IH]. cbv beta. intros f f' [R E]. split; [exact R|].
    intros c2 Hocc. unfold occurs in Hocc. cbn [existsb fst] in Hocc. apply orb_false_elim in Hocc as [H1 H2].
    rewrite E by exact H2. now apply letter_index_skip.
Qed.

Section Rule.
Variable m : model.
Variable tabs : tables.
Variable acts : N -> list (option action).
Let shape := shape_at m.
Definition table_ok_at (a : N) : Prop := exists own, flat_action (shape_at m a) (acts a) = Some own /\ forall i, look tabs a i = nth_error own (N.to_nat i).

Lemma factors_by_letters : forall args terms la e e', (forall a, In a args -> table_ok_at a) ->
  axes_of_all acts (combine args (combine terms (map shape args))) = Some la -> related la e e' ->
  forall s, factors_moved tabs (combine args (combine terms (map shape args))) e e' s = Some (xorb s (total la e)).
Proof.
  induction args as [|a args IH]; intros [|t terms] la e e' Ht Hla Hr s; cbn [map combine axes_of_all factors_moved] in *;
    try (injection Hla as <-; cbn [total]; now rewrite xorb_false_r).
  destruct (axes_of t (shape a) (acts a)) as [o|] eqn:Eo; [|easy].
  destruct (axes_of_all acts (combine args (combine terms (map shape args)))) as [o'|] eqn:Eo'; [|easy]. injection Hla as <-.
  destruct (Ht a (or_introl eq_refl)) as (own & Hf & Hlook). rewrite Hlook.
  rewrite (axes_flat t (shape a) (acts a) o own e e' Eo Hf) by (intros c l Hl; apply Hr; apply in_or_app; now left).
  rewrite N.eqb_refl, (IH terms o' e e'); [now rewrite total_app, xorb_assoc|intros; apply Ht; now right|exact Eo'|].
  intros c l Hl. apply Hr. apply in_or_app. now right.
Qed.

Definition letters_in (args : list N) (terms : list text) : list (ascii * N) :=
  List.concat (map (fun ts => combine (fst ts) (snd ts)) (combine terms (map shape args))).
Lemma letters_in_axes : forall args terms la, axes_of_all acts (combine args (combine terms (map shape args))) = Some la ->
  (forall c n, In (c, n) (letters_in args terms) -> exists l, In (c, l) la /\ N.of_nat (length l) = n) /\
  (forall c l, In (c, l) la -> exists n, In (c, n) (letters_in args terms) /\ N.of_nat (length l) = n).
Proof.
  unfold letters_in. induction args as [|a args IH]; intros [|t terms] la Hla; cbn [map combine axes_of_all List.concat] in *;
    try (injection Hla as <-; split; easy).
  destruct (axes_of t (shape a) (acts a)) as [o|] eqn:Eo; [|easy].
  destruct (axes_of_all acts (combine args (combine terms (map shape args)))) as [o'|] eqn:Eo'; [|easy]. injection Hla as <-.
  destruct (IH terms o' Eo') as [I1 I2]. cbn [fst snd]. split; intros c.
  - intros n Hin. apply in_app_or in Hin as [Hin|Hin].
    + destruct (letters_axes _ _ _ _ _ _ Eo Hin) as (l & H1 & H2). exists l. split; [apply in_or_app; now left|exact H2].
    + destruct (I1 c n Hin) as (l & H1 & H2). exists l. split; [apply in_or_app; now right|exact H2].
  - intros l Hin. apply in_app_or in Hin as [Hin|Hin].
    + destruct (axes_letters _ _ _ _ _ _ Eo Hin) as (n & H1 & H2). exists n. split; [apply in_or_app; now left|exact H2].
    + destruct (I2 c l Hin) as (n & H1 & H2). exists n. split; [apply in_or_app; now right|exact H2].
Qed.
Lemma summed_spec out args terms : let letters := summed terms (map shape args) out in
  (forall cn, In cn letters -> In cn (letters_in args terms) /\ existsb (Ascii.eqb (fst cn)) out = false) /\
  (forall cn, In cn (letters_in args terms) -> existsb (Ascii.eqb (fst cn)) out = true \/ occurs (fst cn) letters = true).
Proof.
  cbv zeta. unfold summed. fold (letters_in args terms). set (all := letters_in args terms).
  set (step := fun (acc : list (ascii * N)) (p : ascii * N) => if existsb (Ascii.eqb (fst p)) out || occurs (fst p) acc then acc else acc ++ [p]).
  assert (M : forall l acc c, occurs c acc = true -> occurs c (fold_left step l acc) = true).
  { induction l as [|p l IH]; cbn [fold_left]; intros acc c H; [exact H|]. apply IH. unfold step. destruct (_ || _); [exact H|].
    unfold occurs in *. rewrite existsb_app, H. reflexivity. }
  split.
  - assert (G : forall l acc cn, In cn (fold_left step l acc) -> In cn acc \/ (In cn l /\ existsb (Ascii.eqb (fst cn)) out = false)).
    { induction l as [|p l IH]; cbn [fold_left]; intros acc cn H; [now left|]. apply IH in H as [H|[H1 H2]]; [|right; split; [now right|exact H2]].
      unfold step in H. destruct (existsb (Ascii.eqb (fst p)) out) eqn:E; cbn [orb] in H; [now left|].
      destruct (occurs (fst p) acc); [now left|]. apply in_app_or in H as [H|[<-|[]]]; [now left|]. right. split; [now left|exact E]. }
    intros cn H. apply G in H as [[]|H]. exact H.
  - assert (G : forall l acc cn, In cn l -> existsb (Ascii.eqb (fst cn)) out = true \/ occurs (fst cn) (fold_left step l acc) = true).
    { induction l as [|p l IH]; cbn [fold_left]; intros acc cn H; [easy|]. destruct H as [->|H]; [|now apply IH].
      unfold step at 2. destruct (existsb (Ascii.eqb (fst cn)) out) eqn:E; [now left|]. right. apply M. cbn [orb].
      destruct (occurs (fst cn) acc) eqn:Eo; [exact Eo|]. unfold occurs. rewrite existsb_app. cbn [existsb]. rewrite Ascii.eqb_refl, orb_true_r. reflexivity. }
    intros cn H. now apply G.
Qed.

Lemma axis_of_spec c : forall term sh al o, axes_of term sh al = Some o ->
  match axis_of c term al with
  | Some a => exists n x, monomial_of a n = Some x /\ In (c, x) o
  | None => forall l, ~ In (c, l) o
  end.
Proof.
  induction term as [|d t IH]; intros [|n s] [|a al] o Ho; try easy.
  - injection Ho as <-. cbn. auto.
  - cbn [axes_of] in Ho. destruct (monomial_of a n) as [x|] eqn:Em; [|easy]. destruct (axes_of t s al) as [o'|] eqn:Eo; [|easy].
    injection Ho as <-. cbn [axis_of]. destruct (Ascii.eqb_spec c d) as [->|D].
    + exists n, x. split; [exact Em|now left].
    + specialize (IH s al o' Eo). destruct (axis_of c t al) as [a'|].
      * destruct IH as (n' & x' & H1 & H2). exists n', x'. split; [exact H1|now right].
      * intros l [H|H]; [congruence|now apply (IH l)].
Qed.
Lemma order_by_letters args terms la c n l : axes_of_all acts (combine args (combine terms (map shape args))) = Some la ->
  (forall x, In (c, x) la -> map fst x = map fst l) -> In (c, l) la -> N.of_nat (length l) = n ->
  order_of acts args terms (c, n) = map fst l.
Proof.
  intros Hla Hsame Hl Hn. unfold order_of. cbn [fst snd].
  set (g := fun (o : option (option action)) (at_ : N * text) => match o with Some _ => o | None => axis_of c (snd at_) (acts (fst at_)) end).
  assert (S : forall k a, fold_left g k (Some a) = Some a) by (induction k; auto).
  assert (G : forall args terms la, axes_of_all acts (combine args (combine terms (map shape args))) = Some la ->
    match fold_left g (combine args terms) None with
    | Some a => exists n x, monomial_of a n = Some x /\ In (c, x) la
    | None => forall l, ~ In (c, l) la end).
  { clear -S. induction args as [|a args IH]; intros [|t terms] la Hla; cbn [map combine axes_of_all fold_left] in *;
      try (injection Hla as <-; cbn; auto).
    destruct (axes_of t (shape a) (acts a)) as [o|] eqn:Eo; [|easy].
    destruct (axes_of_all acts (combine args (combine terms (map shape args)))) as [o'|] eqn:Eo'; [|easy]. injection Hla as <-.
    assert (A := axis_of_spec c t (shape a) (acts a) o Eo). unfold g at 2. cbn [fst snd]. destruct (axis_of c t (acts a)) as [a'|].
    - rewrite S. destruct A as (n & x & A1 & A2). exists n, x. split; [exact A1|apply in_or_app; now left].
    - specialize (IH terms o' Eo'). destruct (fold_left g (combine args terms) None) as [a'|].
      + destruct IH as (n & x & A1 & A2). exists n, x. split; [exact A1|apply in_or_app; now right].
      + intros l H. apply in_app_or in H as [H|H]; [now apply (A l)|now apply (IH l)]. }
  specialize (G args terms la Hla). destruct (fold_left g (combine args terms) None) as [a|]; [|now destruct (G l)].
  destruct G as (n' & x & Hm & Hx). specialize (Hsame x Hx). rewrite <- Hsame.
  assert (Hlen : length x = length l) by (apply (f_equal (@length N)) in Hsame; now rewrite !map_length in Hsame).
  assert (Hn' := monomial_length _ _ _ Hm). destruct a as [[p s|]|]; cbn [monomial_of] in Hm; [|easy|].
  - destruct (has_length p n' && has_length s n' && _) eqn:H; [|easy]. apply andb_prop in H as [[H1 H2]%andb_prop _].
    apply has_length_ok in H1, H2. injection Hm as <-. clear -H1 H2.
    assert (E : length p = length s) by lia. clear H1 H2. revert s E. induction p as [|a p IH]; intros [|b s]; cbn; try easy. intros [= E]. f_equal. now apply IH.
  - injection Hm as <-. rewrite map_map. cbn [fst]. rewrite map_id. f_equal. lia.
Qed.

Variable known : text -> list fact.
Theorem contract_rule_ok mine s args terms out own : contract_rule m tabs acts mine s args terms out = true ->
  flat_action s mine = Some own -> (forall a, get_t tabs a <> None -> table_ok_at a) ->
  node_rule m known tabs acts (NContract s args terms out) own = true.
Proof.
  unfold contract_rule. intros H Hf Ht. apply andb_prop in H as [[Ha Hd]%andb_prop H].
  destruct (axes_of_all acts _) as [la|] eqn:Ela; [|easy]. destruct (axes_of out s mine) as [lo|] eqn:Elo; [|easy].
  assert (Ht' : forall a, In a args -> table_ok_at a).
  { intros a Hin. rewrite forallb_forall in Ha. specialize (Ha a Hin). apply Ht. now destruct (get_t tabs a). }
  destruct (letters_in_axes args terms la Ela) as [L1 L2]. destruct (summed_spec out args terms) as [S1 S2].
  set (letters := summed terms (map shape args) out) in *.
  assert (Same := letters_ok_same _ _ H).
  assert (Order : forall cn, In cn letters -> exists l, In (fst cn, l) la /\ N.of_nat (length l) = snd cn /\ order_of acts args terms cn = map fst l /\
    permutation_ok (map fst l) = true).
  { intros [c n] Hin. destruct (S1 _ Hin) as [Hin' _]. destruct (L1 c n Hin') as (l & Hl & Hn). exists l. cbn [fst snd]. split; [exact Hl|]. split; [exact Hn|].
    split; [|apply (Same c l l); apply in_or_app; now left].
    apply (order_by_letters args terms la c n l Ela); auto. intros x Hx. apply (Same c x l); apply in_or_app; now left. }
  unfold node_rule. cbv zeta. change (shape_of (NContract s args terms out)) with s. fold shape letters.
  apply andb_true_intro. split.
  { unfold has_length. rewrite length_n_ok. apply N.eqb_eq. now apply (flat_action_ok _ _ _ Hf). }
  apply andb_true_intro. split.
  { clear -Order. induction letters as [|cn letters IH]; [reflexivity|]. cbn [map same_list].
    destruct (Order cn (or_introl eq_refl)) as (l & _ & Hn & -> & Hp). rewrite Hp. unfold has_length. rewrite length_n_ok, map_length, Hn, N.eqb_refl.
    apply IH. intros; apply Order; now right. }
  rewrite forallb_forall. intros [i [p t]] Hi. cbn [fst snd]. apply in_numbered in Hi.
  destruct (axes_unflat out s mine lo own i p t Elo Hf Hd Hi) as [Rlo Tlo].
  assert (Ord : Forall2 (fun ord cn => N.of_nat (length ord) = snd cn /\ forall l, In (fst cn, l) (la ++ lo) -> map fst l = ord)
    (map (order_of acts args terms) letters) letters).
  { clear -Order Same. induction letters as [|cn letters IH]; cbn [map]; constructor.
    - destruct (Order cn (or_introl eq_refl)) as (l & Hl & Hn & -> & Hp). rewrite map_length. split; [exact Hn|].
      intros x Hx. apply (Same (fst cn) x l Hx). apply in_or_app. now left.
    - apply IH. intros; apply Order; now right. }
  assert (Rel : related_but letters (la ++ lo) (unflat out s i) (unflat out s p)).
  { intros c l Hl Hocc. apply in_app_or in Hl as [Hl|Hl]; [|now apply Rlo].
    destruct (L2 c l Hl) as (n & Hn & _). destruct (S2 _ Hn) as [E|E]; cbn [fst] in E; [|congruence].
    assert (exists l', In (c, l') lo) as (l' & Hl').
    { clear -E Elo. revert s mine lo Elo. induction out as [|d out IH]; intros [|n s] [|a mine] lo Elo; try easy.
      cbn [axes_of] in Elo. destruct (monomial_of a n) as [x|]; [|easy]. destruct (axes_of out s mine) as [o'|] eqn:Eo; [|easy]. injection Elo as <-.
      cbn [existsb] in E. destruct (Ascii.eqb_spec c d) as [<-|D]; [exists x; now left|]. destruct (IH E _ _ _ Eo) as (l' & H). exists l'. now right. }
    destruct (Rlo c l' Hl') as (u & Hu).
    destruct (Same c l l') as [E1 _]; [apply in_or_app; now left|apply in_or_app; now right|].
    assert (Hm := f_equal (fun z => nth_error z (N.to_nat (letter_index (unflat out s i) c))) E1). cbv beta in Hm. rewrite !nth_error_map, Hu in Hm.
    destruct (nth_error l _) as [[q w]|]; [|easy]. cbn in Hm. injection Hm as ->. eauto. }
  assert (En := enumerate_related (la ++ lo) letters _ Ord _ _ Rel).
  induction En as [|f f' fs fs' [Rf Ef] En IH]; cbn [same_list]; [reflexivity|]. rewrite IH, andb_true_r.
  rewrite (factors_by_letters args terms la f f' Ht' Ela) by (intros c l Hl; apply Rf; apply in_or_app; now left).
  rewrite xorb_false_l. assert (Z : total (la ++ lo) f = false).
  { apply (letters_ok_total _ _ f H). intros c l Hl. destruct (Rf c l Hl) as [u Hu]. apply nth_error_Some. congruence. }
  rewrite total_app in Z. apply xorb_eq in Z. rewrite Z, <- Tlo.
  rewrite (total_ext lo f (unflat out s i)); [apply eqb_reflx|].
  intros c l Hl. apply Ef. apply not_true_is_false. intros K. unfold occurs in K. apply existsb_exists in K as (cn & Hcn & Ec).
  apply Ascii.eqb_eq in Ec. subst c. destruct (S1 cn Hcn) as [_ Hout]. apply (axes_term _ _ _ _ _ _ Elo) in Hl. congruence.
Qed.
End Rule.
