(** * From array programs to scalar programs, with a proof that the values are the same. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp.
From SimCert Require Import Syntax Printer Parser Meaning.
Import ListNotations.
Local Open Scope list_scope.
Module PM := PositiveMap.

(** ** Ranges that run in linear time *)
Definition nrange (n : N) : list N := rev_append (snd (N.iter n (fun p => (N.succ (fst p), fst p :: snd p)) (0%N, []))) [].
Lemma upto_succ n : upto (N.succ n) = upto n ++ [n].
Proof. unfold upto. rewrite N2Nat.inj_succ, seq_S, map_app. simpl. now rewrite N2Nat.id. Qed.
Lemma nrange_ok n : nrange n = upto n.
Proof.
  unfold nrange. rewrite rev_append_rev, app_nil_r.
  assert (H : N.iter n (fun p : N * list N => (N.succ (fst p), fst p :: snd p)) (0%N, []) = (n, rev (upto n))).
  { induction n using N.peano_ind; [reflexivity|]. rewrite N.iter_succ, IHn. cbn [fst snd]. now rewrite upto_succ, rev_app_distr. }
  rewrite H. cbn [snd]. apply rev_involutive.
Qed.
Lemma in_upto n i : In i (upto n) <-> (i < n)%N.
Proof.
  unfold upto. rewrite in_map_iff. split.
  - intros (k & <- & H). apply in_seq in H. lia.
  - intros H. exists (N.to_nat i). split; [lia|]. apply in_seq. lia.
Qed.

Lemma forall2_length {A B} (P : A -> B -> Prop) l l' : Forall2 P l l' -> length l = length l'.
Proof. induction 1; simpl; auto. Qed.

(** ** The compiler: a state with the next scalar node and the program so far, in reverse *)
Definition st := (positive * list Slp.node)%type.
Definition comp (A : Type) := st -> option (A * st).
Definition ret {A} (a : A) : comp A := fun S => Some (a, S).
Definition fail {A} : comp A := fun _ => None.
Definition cbind {A B} (c : comp A) (f : A -> comp B) : comp B :=
  fun S => match c S with Some (a, S') => f a S' | None => None end.
Notation "'let*' x := a 'in' b" := (cbind a (fun x => b)) (at level 200, x pattern, a at level 100, b at level 200).
Definition emit (n : Slp.node) : comp positive := fun S => Some (fst S, (Pos.succ (fst S), n :: snd S)).
Definition lift {A} (o : option A) : comp A := fun S => match o with Some a => Some (a, S) | None => None end.
Fixpoint cmap_rev {A B} (f : A -> comp B) (l : list A) (acc : list B) : comp (list B) :=
  match l with [] => ret (rev_append acc []) | a :: l' => let* b := f a in cmap_rev f l' (b :: acc) end.
Definition cmap {A B} (f : A -> comp B) (l : list A) : comp (list B) := cmap_rev f l [].

Definition array := PM.t positive.
Definition fetch (a : array) (i : N) : option positive := PM.find (N.succ_pos i) a.
Fixpoint of_list {A} (k : positive) (l : list A) (a : PM.t A) : PM.t A :=
  match l with [] => a | p :: l' => of_list (Pos.succ k) l' (PM.add k p a) end.

Fixpoint enumerate (letters : list (ascii * N)) (e : env) : list env :=
  match letters with
  | [] => [e]
  | (c, n) :: l => flat_map (fun k => enumerate l ((c, k) :: e)) (nrange n)
  end.

(** how an activation is treated: as an atom, by its coefficients, or as a z + b z S(z) with a sign S *)
Inductive treatment := Atom (k : positive) | Expand (c : list Q) | Signed (a b : Q) (k : positive).
Fixpoint horner (c : list Q) (z : positive) : comp positive :=
  match c with
  | [] => emit (Slp.NCst 0)
  | [a] => emit (Slp.NCst a)
  | a :: c' => let* h := horner c' z in let* p := emit (Slp.NMul z h) in let* q := emit (Slp.NCst a) in emit (Slp.NSum [q; p])
  end.

Definition signed_form (a b : Q) (k z : positive) : comp positive :=
  let* s := emit (Slp.NAct k z) in let* q := emit (Slp.NMul z s) in let* ca := emit (Slp.NCst a) in let* cb := emit (Slp.NCst b) in
  let* u := emit (Slp.NMul ca z) in let* v := emit (Slp.NMul cb q) in emit (Slp.NSum [u; v]).

Section Compile.
Variable m : model.
Variable treat : text -> option treatment.
Variable arrays : PM.t array.
Definition array_of (k : N) : option array := PM.find (N.succ_pos k) arrays.
Definition fetch_at (k i : N) : option positive := match array_of k with Some a => fetch a i | None => None end.
Definition product (l : list positive) : comp positive :=
  match l with
  | [p] => ret p
  | [p; q] => emit (Slp.NMul p q)
  | _ => fail
  end.
Definition total (l : list positive) : comp positive := match l with [p] => ret p | _ => emit (Slp.NSum l) end.
Definition factors (ops : list (N * (text * list N))) (e : env) : comp (list positive) :=
  cmap (fun at_s => lift (fetch_at (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0))) ops.
Definition compile_node (n : node) : comp (list positive) :=
  match n with
  | NParameter s _ | NStack s _ => cmap (fun i => emit (Slp.NTh (N.succ_pos (leaf_index m n i)))) (nrange (size s))
  | NInput s name => let o := offset (m_inputs m) name in cmap (fun i => emit (Slp.NX (N.succ_pos (o + i)))) (nrange (size s))
  | NConstant s values => if N.eqb (N.of_nat (length values)) (size s) then cmap (fun q => emit (Slp.NCst q)) values else fail
  | NAdd s args => cmap (fun i => let* l := cmap (fun a => lift (fetch_at a i)) args in total l) (nrange (size s))
  | NContract s args terms out =>
    let shapes := List.map (shape_at m) args in
    let letters := summed terms shapes out in
    let ops := combine args (combine terms shapes) in
    cmap (fun i => let* l := cmap (fun e => let* f := factors ops e in product f) (enumerate letters (unflat out s i)) in total l)
      (nrange (size s))
  | NGather s a indices =>
    if N.eqb (N.of_nat (length indices)) (size s) then
      cmap (fun k => match k with Some k => lift (fetch_at a k) | None => emit (Slp.NSum []) end) indices
    else fail
  | NScatter s a indices =>
    let js := nrange (size (shape_at m a)) in
    cmap (fun i =>
      let* l := cmap (fun j => lift (fetch_at a (fst j)))
        (filter (fun j => match snd j with Some k => N.eqb k i | None => false end) (combine js indices)) in total l)
      (if N.eqb (N.of_nat (length indices)) (size (shape_at m a)) then nrange (size s) else [])
  | NApply s a f k =>
    match treat f, k with
    | Some (Atom j), N0 => cmap (fun i => let* p := lift (fetch_at a i) in emit (Slp.NAct j p)) (nrange (size s))
    | Some (Expand c), N0 => cmap (fun i => let* p := lift (fetch_at a i) in horner c p) (nrange (size s))
    | Some (Signed c b j), N0 => cmap (fun i => let* p := lift (fetch_at a i) in signed_form c b j p) (nrange (size s))
    | _, _ => fail
    end
  end.
End Compile.

Fixpoint compile_nodes (m : model) (treat : text -> option treatment) (l : list node) (k : positive) (arrays : PM.t array) : comp (PM.t array) :=
  match l with
  | [] => ret arrays
  | n :: l' =>
    let* ps := compile_node m treat arrays n in
    compile_nodes m treat l' (Pos.succ k) (PM.add k (of_list 1 ps (PM.empty _)) arrays)
  end.
(** the scalar program and, for every output, the scalar nodes of its entries *)
Definition compile (m : model) (treat : text -> option treatment) : option (Slp.prog * list (list positive)) :=
  match (let* arrays := compile_nodes m treat (m_nodes m) 1 (PM.empty _) in
         cmap (fun o => cmap (fun i => lift (fetch_at arrays o i)) (nrange (size (shape_at m o)))) (m_outputs m)) (1%positive, []) with
  | Some (outs, (next, p)) =>
    let prog := rev_append p [] in if Pos.eqb next (Slp.advance 1 prog) then Some (prog, outs) else None
  | None => None
  end.

(** ** Correctness *)
Local Open Scope R_scope.
Section Correct.
Variable E : positive -> expr.
Fixpoint holds (next : positive) (p : list Slp.node) : Prop :=
  match p with [] => True | n :: p' => E (Pos.pred next) = Slp.expr_of E n /\ holds (Pos.pred next) p' end.
Definition sound {A} (c : comp A) (P : A -> Prop) : Prop :=
  forall S a S', c S = Some (a, S') -> holds (fst S') (snd S') -> holds (fst S) (snd S) /\ P a.
Lemma sound_ret {A} (a : A) (P : A -> Prop) : P a -> sound (ret a) P.
Proof. intros H S b S' [= <- <-] G. auto. Qed.
Lemma sound_fail {A} (P : A -> Prop) : sound fail P.
Proof. intros S b S'. discriminate. Qed.
Lemma sound_lift {A} (o : option A) (P : A -> Prop) : (forall a, o = Some a -> P a) -> sound (lift o) P.
Proof. intros H S a S'. unfold lift. destruct o; [|easy]. intros [= <- <-] G. auto. Qed.
Lemma sound_weaken {A} (c : comp A) (P R : A -> Prop) : sound c P -> (forall a, P a -> R a) -> sound c R.
Proof. intros H I S a S' E1 G. destruct (H S a S' E1 G). auto. Qed.
Lemma sound_and {A} (c : comp A) (P R : A -> Prop) : sound c P -> sound c R -> sound c (fun a => P a /\ R a).
Proof. intros H K S a S' E1 G. destruct (H S a S' E1 G), (K S a S' E1 G). auto. Qed.
(** what is known of the first result is a hypothesis of what is claimed of the second *)
Lemma sound_bind {A B} (c : comp A) (f : A -> comp B) (P : A -> Prop) (R : B -> Prop) :
  sound c P -> (forall a, sound (f a) (fun b => P a -> R b)) -> sound (cbind c f) R.
Proof.
  intros Hc Hf S b S' H G. unfold cbind in H. destruct (c S) as [[a S1]|] eqn:Ec; [|easy].
  destruct (Hf a S1 b S' H G) as [G1 HR]. destruct (Hc S a S1 Ec G1). auto.
Qed.
Lemma sound_emit n : sound (emit n) (fun p => E p = Slp.expr_of E n).
Proof.
  intros S p S' [= <- <-] G. cbn [fst snd holds] in G. rewrite Pos.pred_succ in G. destruct G. auto.
Qed.
Lemma sound_map_rev {A B} (f : A -> comp B) (P : A -> B -> Prop) : forall l done acc,
  (forall a, In a l -> sound (f a) (P a)) ->
  sound (cmap_rev f l acc) (fun r => Forall2 P done (rev acc) -> Forall2 P (done ++ l) r).
Proof.
  induction l as [|a l IH]; intros done acc H; cbn [cmap_rev].
  - apply sound_ret. rewrite app_nil_r, rev_append_rev, app_nil_r. auto.
  - eapply sound_bind; [apply H; simpl; auto|]. intros b. cbv beta.
    eapply sound_weaken; [apply (IH (done ++ [a]) (b :: acc)); intros; apply H; simpl; auto|].
    cbv beta. intros r K Hb Hd. rewrite <- app_assoc in K. apply K. cbn [rev]. apply Forall2_app; auto.
Qed.
Lemma sound_map {A B} (f : A -> comp B) (P : A -> B -> Prop) l :
  (forall a, In a l -> sound (f a) (P a)) -> sound (cmap f l) (Forall2 P l).
Proof.
  intros H. eapply sound_weaken; [apply (sound_map_rev f P l [] []), H|]. intros r K. apply K. constructor.
Qed.

Variable s : positive -> bool -> R -> R.
Variables th x : vec.
Variable reg : Prop.
(** scalar node [p] has the value [v] and, if [reg], is differentiable there *)
Definition den (p : positive) (v : R) : Prop := evalE s th x (E p) = v /\ (reg -> smooth_at s th x (E p)).
Definition array_den (a : array) (v : arr) : Prop := forall i p, fetch a i = Some p -> den p (v i).

Lemma den_sum l (f : positive -> R) : (forall p, In p l -> den p (f p)) ->
  forall q, E q = Slp.expr_of E (Slp.NSum l) -> den q (rsum f l).
Proof.
  intros H q Hq. unfold den. rewrite Hq. cbn [Slp.expr_of]. clear Hq.
  induction l as [|a l IH]; cbn [fold_right evalE smooth_at].
  - split; [apply Q2R_0|easy].
  - destruct (H a) as [H1 H2]; [simpl; auto|]. destruct IH as [I1 I2]; [intros; apply H; simpl; auto|].
    unfold rsum in *. cbn [map fold_right]. rewrite H1, I1. tauto.
Qed.
Lemma den_list {A} (f : A -> R) (l : list A) ps : Forall2 (fun a p => den p (f a)) l ps ->
  forall q, E q = Slp.expr_of E (Slp.NSum ps) -> den q (rsum f l).
Proof.
  intros H q Hq. unfold den. rewrite Hq. cbn [Slp.expr_of]. clear Hq.
  induction H as [|a p l ps [H1 H2] H IH]; cbn [fold_right evalE smooth_at].
  - split; [apply Q2R_0|easy].
  - destruct IH as [I1 I2]. unfold rsum in *. cbn [map fold_right]. rewrite H1, I1. tauto.
Qed.
Lemma sound_total {A} (f : A -> R) (l : list A) ps :
  sound (total ps) (fun q => Forall2 (fun a p => den p (f a)) l ps -> den q (rsum f l)).
Proof.
  assert (G : sound (emit (Slp.NSum ps)) (fun q => Forall2 (fun a p => den p (f a)) l ps -> den q (rsum f l))).
  { eapply sound_weaken; [apply sound_emit|]. intros q Hq H. now apply (den_list f l ps). }
  destruct ps as [|p [|]]; try exact G. apply sound_ret. intros H. inversion H as [|a b l1 l2 H1 H2]; subst. inversion H2; subst.
  unfold rsum. cbn [map fold_right]. now rewrite Rplus_0_r.
Qed.
Lemma sound_product {A} (f : A -> R) (l : list A) ps :
  sound (product ps) (fun q => Forall2 (fun a p => den p (f a)) l ps -> den q (rprod f l)).
Proof.
  destruct ps as [|p [|q [|]]]; cbn [product]; try apply sound_fail.
  - apply sound_ret. intros H. inversion H as [|a b l1 l2 H1 H2]; subst. inversion H2; subst.
    unfold rprod. cbn [map fold_right]. now rewrite Rmult_1_r.
  - eapply sound_weaken; [apply sound_emit|]. intros r Hr H.
    inversion H as [|a b l1 l2 H1 H2]; subst. inversion H2 as [|a' b' l1' l2' H1' H2']; subst. inversion H2'; subst.
    unfold den in *. rewrite Hr. cbn [Slp.expr_of evalE smooth_at]. destruct H1 as [-> K], H1' as [-> K'].
    unfold rprod. cbn [map fold_right]. rewrite Rmult_1_r. tauto.
Qed.

Variable m : model.
Variable treat : text -> option treatment.
Variable sigma : text -> R -> R.
Definition treated (f : text) : Prop :=
  match treat f with
  | Some (Atom j) => s j false = sigma f /\ forall t, ex_derive (sigma f) t -> is_derive (sigma f) t (s j true t)
  | Some (Expand c) => forall t, sigma f t = polynomial c t
  | Some (Signed a b j) => (forall t, sigma f t = Q2R a * t + Q2R b * (t * s j false t)) /\ forall t, ex_derive (sigma f) t -> is_derive (s j false) t (s j true t)
  | None => True
  end.
Hypothesis Htreat : forall f, treated f.

Lemma sound_horner c p t : sound (horner c p) (fun q => den p t -> den q (polynomial c t)).
Proof.
  revert p; induction c as [|a c IH]; intros p; cbn [horner].
  - eapply sound_weaken; [apply sound_emit|]. intros q Hq _. unfold den. rewrite Hq. cbn. split; [apply Q2R_0|easy].
  - destruct c as [|b c].
    + eapply sound_weaken; [apply sound_emit|]. intros q Hq _. unfold den. rewrite Hq. cbn. split; [ring|easy].
    + eapply sound_bind; [apply IH|]. intros h. eapply sound_bind; [apply sound_emit|]. intros p1.
      eapply sound_bind; [apply sound_emit|]. intros q1. eapply sound_weaken; [apply sound_emit|].
      intros q Hq Hq1 Hp1 Hh Hp. destruct (Hh Hp) as [K1 K2]. destruct Hp as [P1 P2]. unfold den.
      rewrite Hq. cbn [Slp.expr_of fold_right evalE smooth_at]. rewrite Hq1, Hp1. cbn [Slp.expr_of evalE smooth_at].
      rewrite K1, P1, Q2R_0. split; [|tauto]. change (polynomial (a :: b :: c) t) with (Q2R a + t * polynomial (b :: c) t). ring.
Qed.

Lemma sound_signed a b j z t (P : Prop) : (P -> is_derive (s j false) t (s j true t)) -> (reg -> P) ->
  sound (signed_form a b j z) (fun q => den z t -> den q (Q2R a * t + Q2R b * (t * s j false t))).
Proof.
  intros Hd HP. unfold signed_form.
  eapply sound_bind; [apply sound_emit|]. intros p1. eapply sound_bind; [apply sound_emit|]. intros p2. eapply sound_bind; [apply sound_emit|]. intros p3.
  eapply sound_bind; [apply sound_emit|]. intros p4. eapply sound_bind; [apply sound_emit|]. intros p5. eapply sound_bind; [apply sound_emit|]. intros p6.
  eapply sound_weaken; [apply sound_emit|]. intros q Hq H6 H5 H4 H3 H2 H1 [D1 D2]. unfold den. rewrite Hq. cbn [Slp.expr_of fold_right evalE smooth_at].
  rewrite H6, H5. cbn [Slp.expr_of evalE smooth_at]. rewrite H4, H3, H2. cbn [Slp.expr_of evalE smooth_at]. rewrite H1. cbn [Slp.expr_of evalE smooth_at].
  rewrite D1, Q2R_0. split; [ring|]. intros G. specialize (D2 G). specialize (Hd (HP G)). tauto.
Qed.
Lemma enumerate_ok f l : forall e, sum_over l f e = rsum f (enumerate l e).
Proof.
  induction l as [|[c n] l IH]; intros e; cbn [sum_over enumerate].
  - unfold rsum. simpl. ring.
  - rewrite nrange_ok. unfold rsum. induction (upto n) as [|k ks IHk]; cbn [map fold_right flat_map]; [reflexivity|].
    rewrite IHk, IH. unfold rsum. rewrite map_app, fold_right_app.
    generalize (fold_right Rplus 0 (map f (flat_map (fun k => enumerate l ((c, k) :: e)) ks))). intros z.
    induction (map f (enumerate l ((c, k) :: e))) as [|y ys IHy]; cbn [fold_right]; [ring|]. rewrite <- IHy. ring.
Qed.

Definition mono {A} (c : comp A) : Prop := sound c (fun _ => True).
Lemma mono_of {A} (c : comp A) P : sound c P -> mono c.
Proof. intros H. eapply sound_weaken; [apply H|]. auto. Qed.
Lemma mono_bind {A B} (c : comp A) (f : A -> comp B) : mono c -> (forall a, mono (f a)) -> mono (cbind c f).
Proof. intros H K. eapply sound_bind; [apply H|]. intros a. eapply sound_weaken; [apply K|]. auto. Qed.
Lemma mono_map {A B} (f : A -> comp B) l : (forall a, mono (f a)) -> mono (cmap f l).
Proof. intros H. eapply mono_of. apply (sound_map f (fun _ _ => True)). intros a _. apply H. Qed.
Lemma mono_emit n : mono (emit n). Proof. eapply mono_of. apply sound_emit. Qed.
Lemma mono_lift {A} (o : option A) : mono (lift o). Proof. apply sound_lift. auto. Qed.
Lemma mono_total l : mono (total l). Proof. eapply mono_of. apply (sound_total (fun _ : unit => 0) []). Qed.
Lemma mono_product l : mono (product l). Proof. eapply mono_of. apply (sound_product (fun _ : unit => 0) []). Qed.
Lemma mono_node_signed a b j p : mono (signed_form a b j p).
Proof. unfold signed_form. repeat (apply mono_bind; [apply mono_emit|intros ?]). apply mono_emit. Qed.
Lemma mono_node arrays n : mono (compile_node m treat arrays n).
Proof.
  destruct n; cbn [compile_node]; try (destruct (N.eqb _ _); [|apply sound_fail]);
    try (apply mono_map; intros a; try apply mono_emit; try (destruct a; [apply mono_lift|apply mono_emit])).
  - apply mono_bind; [apply mono_map; intros; apply mono_lift|intros; apply mono_total].
  - apply mono_bind; [apply mono_map; intros e|intros; apply mono_total].
    apply mono_bind; [apply mono_map; intros; apply mono_lift|intros; apply mono_product].
  - apply mono_bind; [apply mono_map; intros; apply mono_lift|intros; apply mono_total].
  - destruct (treat activation) as [[j|c|a b j]|]; [| | |apply sound_fail]; (destruct order; [|apply sound_fail]); apply mono_map; intros i;
      (apply mono_bind; [apply mono_lift|intros p]); [apply mono_emit|eapply mono_of; apply (sound_horner c p 0)|].
    apply mono_node_signed.
Qed.
Lemma mono_nodes : forall l k arrays, mono (compile_nodes m treat l k arrays).
Proof.
  induction l as [|n l IH]; intros k arrays; cbn [compile_nodes]; [now apply sound_ret|].
  apply mono_bind; [apply mono_node|intros; apply IH].
Qed.
Lemma sound_imp {A} (c : comp A) (H : Prop) P : mono c -> (H -> sound c P) -> sound c (fun a => H -> P a).
Proof. intros Hm Hs S a S' E1 G. split; [exact (proj1 (Hm S a S' E1 G))|]. intros h. exact (proj2 (Hs h S a S' E1 G)). Qed.

Section Node.
Variable arrays : PM.t array.
Variable v : N -> arr.
Hypothesis Harr : forall k a, array_of arrays k = Some a -> array_den a (v k).
Lemma fetch_ok k i p : fetch_at arrays k i = Some p -> den p (v k i).
Proof. unfold fetch_at. destruct (array_of arrays k) eqn:Ea; [|easy]. now apply Harr. Qed.

Lemma Forall2_seq {A} (l : list A) (f : A -> positive -> Prop) (g : N -> positive -> Prop) ps d :
  (forall i p, (i < N.of_nat (length l))%N -> f (at_ l i d) p -> g i p) ->
  Forall2 f l ps -> Forall2 g (upto (N.of_nat (length l))) ps.
Proof.
  intros H K. revert ps K H. induction l as [|a l IH] using rev_ind; intros ps K H.
  - inversion K; subst. constructor.
  - apply Forall2_app_inv_l in K as (p1 & p2 & K1 & K2 & ->). inversion K2 as [|? p ? ? Hp K3]; subst. inversion K3; subst.
    rewrite app_length, Nat.add_1_r, Nat2N.inj_succ, upto_succ. apply Forall2_app.
    + apply IH; auto. intros i q Hi Hq. apply H; [rewrite app_length; simpl; lia|].
      unfold at_ in *. rewrite app_nth1 by lia. exact Hq.
    + constructor; [|constructor]. apply H; [rewrite app_length; simpl; lia|].
      unfold at_. rewrite Nat2N.id, app_nth2, Nat.sub_diag by lia. exact Hp.
Qed.

Lemma sum_filter (f : N -> R) (indices : list (option N)) i :
  rsum (fun j => match at_ indices j None with Some k => if N.eqb k i then f j else 0 | None => 0 end) (upto (N.of_nat (length indices)))
  = rsum (fun j => f (fst j)) (filter (fun j => match snd j with Some k => N.eqb k i | None => false end) (combine (upto (N.of_nat (length indices))) indices)).
Proof.
  induction indices as [|o l IH] using rev_ind; [reflexivity|].
  rewrite app_length, Nat.add_1_r, Nat2N.inj_succ, upto_succ.
  assert (L : length (upto (N.of_nat (length l))) = length l) by (unfold upto; rewrite map_length, seq_length; lia).
  assert (C : forall (A B : Type) (l1 : list A) (l2 : list B) a b, length l1 = length l2 -> combine (l1 ++ [a]) (l2 ++ [b]) = combine l1 l2 ++ [(a, b)]).
  { clear. induction l1; destruct l2; simpl; intros; try easy. rewrite IHl1; auto. }
  rewrite C by exact L. rewrite filter_app. unfold rsum. rewrite !map_app, !fold_right_app.
  assert (X : forall (A : Type) (g : A -> R) l z, fold_right Rplus z (map g l) = fold_right Rplus 0 (map g l) + z).
  { clear. intros A g l z. induction l; simpl; [ring|]. rewrite IHl. ring. }
  rewrite X, (X _ (fun j => f (fst j))). f_equal.
  - unfold rsum in IH. rewrite <- IH. f_equal. apply map_ext_in. intros j Hj. apply in_upto in Hj.
    unfold at_. rewrite app_nth1 by lia. reflexivity.
  - cbn [map filter snd fst fold_right]. unfold at_. rewrite Nat2N.id, app_nth2, Nat.sub_diag by lia. cbn [nth].
    destruct o as [k|]; [|simpl; ring]. destruct (N.eqb k i); simpl; ring.
Qed.

(** every entry of an opaque activation is an atom of the scalar program *)
Lemma sound_apply sh a f o J : treat f = Some (Atom J) ->
  sound (compile_node m treat arrays (NApply sh a f o)) (fun ps => forall i, (i < size sh)%N ->
    array_of arrays a <> None /\ exists q p, E q = EAct J (E p) /\ den p (v a i)).
Proof.
  intros HJ. cbn [compile_node]. rewrite HJ. destruct o; [|apply sound_fail]. rewrite nrange_ok.
  eapply sound_weaken; [apply (sound_map _ (fun i q => array_of arrays a <> None /\ exists p, E q = EAct J (E p) /\ den p (v a i)))|].
  - intros i _. eapply sound_bind; [apply (sound_lift _ (fun p => den p (v a i) /\ array_of arrays a <> None)); intros p Hp;
      split; [exact (fetch_ok a i p Hp)|unfold fetch_at in Hp; destruct (array_of arrays a); easy]|].
    intros p. eapply sound_weaken; [apply sound_emit|]. intros q Hq [H1 H2]. split; [exact H2|]. exists p. auto.
  - cbv beta. intros ps K i Hi. assert (In i (upto (size sh))) as Hin by now apply in_upto.
    clear Hi. induction K as [|i' q l l' [H1 (p & H2)] K IH]; [easy|]. destruct Hin as [->|Hin]; eauto.
Qed.

Definition apply_smooth (n : node) : Prop :=
  forall sh a f o, reg -> n = NApply sh a f o -> array_of arrays a <> None -> forall i, (i < size sh)%N -> ex_derive (sigma f) (v a i).

Lemma sound_node n : apply_smooth n ->
  sound (compile_node m treat arrays n) (fun ps => Forall2 (fun i p => den p (node_value m sigma th x v n i)) (upto (N.of_nat (length ps))) ps).
Proof.
  assert (Done : forall (c : comp (list positive)) (l : N) (g : N -> R), sound c (Forall2 (fun i p => den p (g i)) (upto l)) ->
    sound c (fun ps => Forall2 (fun i p => den p (g i)) (upto (N.of_nat (length ps))) ps)).
  { intros c l g H. eapply sound_weaken; [apply H|]. cbv beta. intros ps K.
    assert (N.of_nat (length ps) = l) as ->; [|exact K].
    apply forall2_length in K. unfold upto in K. rewrite map_length, seq_length in K. lia. }
  intros Hsm. destruct n as [sh name|sh names|sh name|sh values|sh args|sh args terms out|sh a ix|sh a ix|sh a f o]; cbn [compile_node].
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|].
    intros p Hp. unfold den. rewrite Hp. cbn. auto.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|].
    intros p Hp. unfold den. rewrite Hp. cbn. auto.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. eapply sound_weaken; [apply sound_emit|].
    intros p Hp. unfold den. rewrite Hp. cbn. auto.
  - destruct (N.eqb_spec (N.of_nat (length values)) (size sh)) as [Hl|]; [|apply sound_fail].
    apply (Done _ (N.of_nat (length values))).
    eapply sound_weaken.
    + apply (sound_map _ (fun q p => den p (Q2R q))). intros q _. eapply sound_weaken; [apply sound_emit|].
      intros p Hp. unfold den. rewrite Hp. cbn. auto.
    + intros ps K. refine (Forall2_seq values _ _ ps 0%Q _ K). intros i p _ Hp. exact Hp.
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _.
    eapply sound_bind; [apply (sound_map _ (fun a p => den p (v a i)))|].
    + intros a _. apply sound_lift. intros p Hp. now apply fetch_ok.
    + intros l. cbv beta. apply (sound_total (fun a => v a i) args).
  - apply (Done _ (size sh)). rewrite nrange_ok. apply sound_map. intros i _. cbn [node_value].
    set (shapes := map (shape_at m) args). rewrite enumerate_ok.
    set (body := fun e => rprod (fun at_s => v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) (combine args (combine terms shapes))).
    eapply sound_bind; [apply (sound_map _ (fun e p => den p (body e)))|].
    + intros e _. unfold factors.
      eapply sound_bind; [apply (sound_map _ (fun at_s p => den p (v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0))))|].
      * intros at_s _. apply sound_lift. intros p Hp. now apply fetch_ok.
      * intros l. cbv beta. unfold body. apply sound_product.
    + intros l. cbv beta. apply (sound_total body).
  - destruct (N.eqb_spec (N.of_nat (length ix)) (size sh)) as [Hl|]; [|apply sound_fail].
    apply (Done _ (N.of_nat (length ix))).
    eapply sound_weaken.
    + apply (sound_map _ (fun k p => den p (match k with Some k => v a k | None => 0 end))). intros [k|] _.
      * apply sound_lift. intros p Hp. now apply fetch_ok.
      * eapply sound_weaken; [apply sound_emit|]. intros p Hp. unfold den. rewrite Hp. cbn. split; [apply Q2R_0|easy].
    + intros ps K. refine (Forall2_seq ix _ _ ps None _ K). intros i p _ Hp. exact Hp.
  - destruct (N.eqb_spec (N.of_nat (length ix)) (size (shape_at m a))) as [Hl|].
    + apply (Done _ (size sh)). rewrite !nrange_ok. apply sound_map. intros i _. cbn [node_value]. rewrite <- Hl, sum_filter.
      eapply sound_bind; [apply (sound_map _ (fun j p => den p (v a (fst j))))|].
      * intros j _. apply sound_lift. intros p Hp. now apply fetch_ok.
      * intros l. cbv beta. apply (sound_total (fun j => v a (fst j))).
    + apply (Done _ 0%N). apply sound_map. intros i [].
  - assert (T := Htreat f). unfold treated in T.
    destruct (treat f) as [[j|c|c b j]|]; [| | |apply sound_fail]; (destruct o as [|o]; [|apply sound_fail]);
      apply (Done _ (size sh)); rewrite nrange_ok; apply sound_map; intros i Hi; apply in_upto in Hi;
      (eapply sound_bind; [apply (sound_lift _ (fun p => den p (v a i) /\ array_of arrays a <> None)); intros p Hp;
        split; [exact (fetch_ok a i p Hp)|unfold fetch_at in Hp; destruct (array_of arrays a); easy]|]); intros p; cbv beta.
    + destruct T as [T1 T2]. eapply sound_weaken; [apply sound_emit|]. intros q Hq [[P1 P2] Pa]. unfold den. rewrite Hq.
      cbn [Slp.expr_of evalE smooth_at node_value N.to_nat Derive_n]. rewrite P1, T1. split; [reflexivity|]. intros G. split; [exact (P2 G)|].
      apply T2. now apply (Hsm sh a f 0%N G eq_refl Pa).
    + cbn [node_value N.to_nat Derive_n]. rewrite T. eapply sound_weaken; [apply sound_horner|]. intros q H [Hp _]. now apply H.
    + destruct T as [T1 T2]. cbn [node_value N.to_nat Derive_n]. rewrite T1.
      destruct (array_of arrays a) as [b'|] eqn:Ea.
      * eapply sound_weaken; [apply (sound_signed c b j p (v a i) (ex_derive (sigma f) (v a i)))|].
        -- apply T2.
        -- intros G. apply (Hsm sh a f 0%N G eq_refl); [congruence|exact Hi].
        -- intros q H [Hp _]. now apply H.
      * eapply sound_weaken; [apply mono_node_signed|]. intros q _ [_ Pa]. now destruct Pa.
Qed.
End Node.

Lemma of_list_ok {A} : forall (l : list A) k a i, PM.find i (of_list k l a) =
  if (Pos.ltb i k || Pos.leb (k + Pos.of_succ_nat (length l) - 1) i)%bool then PM.find i a else nth_error l (Pos.to_nat i - Pos.to_nat k).
Proof.
  induction l as [|p l IH]; intros k a i; cbn [of_list length].
  - destruct (Pos.ltb_spec i k); [reflexivity|]. destruct (Pos.leb_spec (k + Pos.of_succ_nat 0 - 1) i); [reflexivity|]. lia.
  - rewrite IH. destruct (Pos.ltb_spec i k), (Pos.ltb_spec i (Pos.succ k)); try lia; cbn [orb].
    + rewrite PM.gso by lia. reflexivity.
    + assert (i = k) as -> by lia. rewrite PM.gss. destruct (Pos.leb_spec (k + Pos.of_succ_nat (S (length l)) - 1) k); [lia|].
      now rewrite Nat.sub_diag.
    + destruct (Pos.leb_spec (Pos.succ k + Pos.of_succ_nat (length l) - 1) i), (Pos.leb_spec (k + Pos.of_succ_nat (S (length l)) - 1) i); try lia.
      * rewrite PM.gso by lia. reflexivity.
      * replace (Pos.to_nat i - Pos.to_nat k)%nat with (S (Pos.to_nat i - Pos.to_nat (Pos.succ k))) by lia. reflexivity.
Qed.
Lemma fetch_of_list l i p : fetch (of_list 1 l (PM.empty _)) i = Some p -> nth_error l (N.to_nat i) = Some p.
Proof.
  unfold fetch. rewrite of_list_ok, PM.gempty. destruct (_ || _)%bool; [easy|].
  intros H. rewrite <- H. f_equal. destruct i; simpl; lia.
Qed.
Lemma Forall2_upto (P : N -> positive -> Prop) ps : Forall2 P (upto (N.of_nat (length ps))) ps ->
  forall i p, nth_error ps (N.to_nat i) = Some p -> P i p.
Proof.
  intros H i p Hp. assert (L : (N.to_nat i < length ps)%nat) by (apply nth_error_Some; congruence).
  assert (K : nth_error (upto (N.of_nat (length ps))) (N.to_nat i) = Some i).
  { unfold upto. rewrite Nat2N.id. rewrite (map_nth_error N.of_nat (N.to_nat i) (seq 0 (length ps)) (d := N.to_nat i)); [f_equal; lia|].
    rewrite (nth_error_nth' _ 0%nat) by now rewrite seq_length. now rewrite seq_nth. }
  clear L. revert K Hp. generalize (N.to_nat i) as n. induction H as [|a b l l' Hab H IH]; intros [|n]; cbn; try easy.
  - now intros [= ->] [= ->].
  - apply IH.
Qed.
Lemma run_old : forall l k v j, (j < k)%N -> run m sigma th x l k v j = v j.
Proof.
  induction l as [|n l IH]; intros k v j H; cbn [run]; [reflexivity|].
  rewrite IH by lia. destruct (N.eqb_spec j k); [lia|reflexivity].
Qed.

Lemma sound_nodes : forall l k arrays v,
  (forall j a, array_of arrays j = Some a -> (j < k)%N) ->
  (forall j sh a f o i, reg -> nth_error l j = Some (NApply sh a f o) -> (i < size sh)%N -> ex_derive (sigma f) (run m sigma th x l k v a i)) ->
  sound (compile_nodes m treat l (N.succ_pos k) arrays) (fun arrays' =>
    (forall j a, array_of arrays j = Some a -> array_den a (v j)) ->
    (forall j a, array_of arrays' j = Some a -> array_den a (run m sigma th x l k v j)) /\
    forall j sh a f o J i, nth_error l j = Some (NApply sh a f o) -> treat f = Some (Atom J) -> (i < size sh)%N ->
      exists q p, E q = EAct J (E p) /\ den p (run m sigma th x l k v a i)).
Proof.
  induction l as [|n l IH]; intros k arrays v Hd Hsm; cbn [compile_nodes run].
  - apply sound_ret. intros H. split; [exact H|]. intros [|]; discriminate.
  - eapply sound_bind; [apply (sound_imp _ (forall j a, array_of arrays j = Some a -> array_den a (v j)) (fun ps =>
      Forall2 (fun i p => den p (node_value m sigma th x v n i)) (upto (N.of_nat (length ps))) ps /\
      forall sh a f o J i, n = NApply sh a f o -> treat f = Some (Atom J) -> (i < size sh)%N ->
        array_of arrays a <> None /\ exists q p, E q = EAct J (E p) /\ den p (v a i)))|].
    + apply mono_node.
    + intros Harr. apply sound_and.
      2:{ destruct n as [s1 n1|s1 n1|s1 n1|s1 n1|s1 n1|s1 a1 t1 o1|s1 a1 i1|s1 a1 i1|s1 a1 f1 o1];
          try (eapply sound_weaken; [apply mono_node|]; intros ps _ sh a f o J i H; discriminate).
          destruct (treat f1) as [[J1|c1|b1 b2 J1]|] eqn:Et;
          try (eapply sound_weaken; [apply mono_node|]; intros ps _ sh a f o J i [= -> -> -> ->] H; congruence).
          eapply sound_weaken; [apply (sound_apply arrays v Harr s1 a1 f1 o1 J1 Et)|].
          cbv beta. intros ps K sh a f o J i [= -> -> -> ->] H Hi. rewrite H in Et. injection Et as ->. now apply K. }
      apply (sound_node arrays v Harr n).
      intros sh a f o G -> Ha i Hi. specialize (Hsm 0%nat sh a f o i G eq_refl Hi). cbn [run] in Hsm.
      destruct (array_of arrays a) as [b|] eqn:Eb; [|easy]. specialize (Hd a b Eb).
      rewrite run_old in Hsm by lia. destruct (N.eqb_spec a k); [lia|exact Hsm].
    + intros ps. rewrite <- (N.succ_pos_spec k) at 1 || idtac.
      replace (Pos.succ (N.succ_pos k)) with (N.succ_pos (N.succ k)) by (destruct k; reflexivity).
      eapply sound_weaken; [apply (IH (N.succ k) _ (fun j => if N.eqb j k then node_value m sigma th x v n else v j))|].
      * unfold array_of. intros j a Hj. destruct (N.eq_dec j k) as [->|D]; [lia|].
        rewrite PM.gso in Hj by (intros K; apply D; apply (f_equal Pos.pred_N) in K; now rewrite !N.pos_pred_succ in K).
        specialize (Hd j a Hj). lia.
      * intros j sh a f o i G Hj Hi. exact (Hsm (S j) sh a f o i G Hj Hi).
      * cbv beta. intros arrays' K Hps Harr. destruct (Hps Harr) as [Hps1 Hps2].
        match type of K with ?A -> _ => assert (K0 : A) end.
        { intros j a. unfold array_of.
        destruct (N.eqb_spec j k) as [->|D].
        -- rewrite PM.gss. intros [= <-] i p Hp. apply fetch_of_list in Hp. exact (Forall2_upto _ ps Hps1 i p Hp).
        -- rewrite PM.gso by (intros K'; apply D; apply (f_equal Pos.pred_N) in K'; now rewrite !N.pos_pred_succ in K').
           apply Harr. }
        destruct (K K0) as [K1 K2]. split; [exact K1|]. intros [|j] sh a f o J i Hj Ht Hi; cbn [nth_error] in Hj; [|eapply K2; eauto].
        injection Hj as ->. destruct (Hps2 sh a f o J i eq_refl Ht Hi) as (Ha & q & p & Hq & Hp). exists q, p. split; [exact Hq|].
        destruct (array_of arrays a) as [b|] eqn:Eb; [|easy]. specialize (Hd a b Eb).
        rewrite run_old by lia. destruct (N.eqb_spec a k); [lia|exact Hp].
Qed.
End Correct.

Lemma covers_holds E p : Slp.covers E 1 (rev p) -> holds E (Slp.advance 1 (rev p)) p.
Proof.
  assert (A : forall l k n, Slp.advance k (l ++ [n]) = Pos.succ (Slp.advance k l)) by (induction l; simpl; auto).
  assert (C : forall l k n, Slp.covers E k (l ++ [n]) -> Slp.covers E k l /\ E (Slp.advance k l) = Slp.expr_of E n).
  { induction l as [|a l IH]; simpl; intros k n; [tauto|]. intros [H K]. apply IH in K. tauto. }
  induction p as [|n p IH]; simpl; [auto|]. intros H. apply C in H as [H1 H2]. rewrite A, Pos.pred_succ. auto.
Qed.

Theorem compile_sound m treat prog outs : compile m treat = Some (prog, outs) -> Slp.wf_from 1 prog = true ->
  forall s sigma th x, (forall f, treated s treat sigma f) ->
  Forall2 (fun o ps => Forall2 (fun i p => den (Slp.unroll prog) s th x (regular m sigma th x) p (value m sigma th x o i)) (upto (size (shape_at m o))) ps)
    (m_outputs m) outs /\
  forall j sh a f o J i, nth_error (m_nodes m) j = Some (NApply sh a f o) -> treat f = Some (Atom J) -> (i < size sh)%N ->
    exists q p, Slp.unroll prog q = EAct J (Slp.unroll prog p) /\ evalE s th x (Slp.unroll prog p) = value m sigma th x a i.
Proof.
  unfold compile. intros H W s sigma th x Ht. set (reg := regular m sigma th x). set (E := Slp.unroll prog).
  match type of H with match ?c ?S with _ => _ end = _ => destruct (c S) as [[outs' [nx p]]|] eqn:Ec; [|easy]; set (cc := c) in Ec end.
  cbv zeta in H. rewrite rev_append_rev, app_nil_r in H. destruct (Pos.eqb_spec nx (Slp.advance 1 (rev p))) as [Hn|]; [|easy].
  injection H as Hp <-. rewrite Hp in Hn.
  assert (HE : holds E (Slp.advance 1 prog) p) by (unfold E; rewrite <- Hp; apply covers_holds; apply Slp.covers_unroll; now rewrite Hp).
  pattern outs'. match goal with |- ?P outs' => refine (proj2 ((_ : sound E cc P) (1%positive, []) outs' (nx, p) Ec _)) end;
    [|cbn [fst snd]; now rewrite Hn].
  unfold cc. eapply sound_bind; [apply (sound_nodes E s th x reg m treat sigma Ht (m_nodes m) 0%N (PM.empty _) (fun _ _ => 0%R))|].
  - unfold array_of. intros j a. rewrite PM.gempty. discriminate.
  - intros j sh a f o i Hr Hj Hi. exact (Hr j sh a f o i Hj Hi).
  - intros arrays. eapply sound_weaken; [apply (sound_map E _ (fun o ps => (forall j a, array_of arrays j = Some a -> array_den E s th x reg a (value m sigma th x j)) ->
      Forall2 (fun i p => den E s th x reg p (value m sigma th x o i)) (upto (size (shape_at m o))) ps))|].
    + intros o _. apply sound_imp.
      * apply mono_map. intros. apply mono_lift.
      * intros Harr. rewrite nrange_ok. apply sound_map. intros i _. apply sound_lift. intros q Hq. now apply (fetch_ok E s th x reg arrays (value m sigma th x) Harr).
    + cbv beta. intros r K Hn0.
      destruct Hn0 as [Harr Happ]; [unfold array_of; intros j a; rewrite PM.gempty; discriminate|].
      split; [clear -K Harr; induction K; constructor; auto|].
      intros j sh a f o J i H1 H2 H3. destruct (Happ j sh a f o J i H1 H2 H3) as (q & p1 & Hq & [Hp1 _]). exists q, p1. auto.
Qed.
